package dev.tandem.trainer.run;

import dev.tandem.aegis.ledger.HeadSignature;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.SigningKey;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Signs the head of a run's ledger, if the run has a key. The signature is made last when a round
 * is complete, and again before a run goes on, so that it never speaks of more than the ledger has:
 * what a kill leaves is a ledger with entries beyond it.
 */
public final class HeadSigner {
  private final Path file;
  private final Ledger ledger;
  private final Optional<SigningKey> key;

  public HeadSigner(RunFolder folder, Ledger ledger, Optional<SigningKey> key) {
    this.file = folder.path().resolve(RunFiles.SIGNATURE);
    this.ledger = ledger;
    this.key = key;
  }

  /** Signs the ledger as it is. */
  public void sign() throws IOException {
    if (key.isPresent()) {
      HeadSignature signature = HeadSignature.of(ledger.head(), ledger.entries().size(), key.get());
      AtomicFiles.write(file, signature.line());
    }
  }
}
