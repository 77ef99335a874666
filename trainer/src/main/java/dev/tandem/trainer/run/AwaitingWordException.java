package dev.tandem.trainer.run;

import java.nio.file.Path;

/** The run stops here until a person has spoken. */
public final class AwaitingWordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param edit its id
   * @param changes what it changes, in words
   */
  public AwaitingWordException(Path run, String edit, String changes, String risk) {
    super(
        "%s (%s; its risk is %s) has passed the gate and waits for a person: say tandem approve %s %s, or tandem reject in the place of approve; tandem ledger show %s tells what speaks for it"
            .formatted(edit, changes, risk, run, edit, run));
  }
}
