package dev.tandem.trainer.cli;

import dev.tandem.trainer.run.Saves;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a training run leaves behind when it ends before its time, and the command that goes on. */
final class RunRemains implements Remains {
  private final Console console;
  private final Saves saves;
  private final String command;

  /**
   * @param arguments of the command line that began it
   */
  RunRemains(Console console, Saves saves, List<String> arguments) {
    this.console = console;
    this.saves = saves;
    this.command = ShellCommand.resuming(arguments);
  }

  @Override
  public String afterSignal(Duration patience) {
    String underWay = saves.underWay();
    if (!underWay.isEmpty()) {
      console.note(
          "tandem: first %s is saved, which takes at most %s; a second signal ends at once"
              .formatted(underWay, ProgressText.readable(patience)));
    }
    String cutOff =
        saves.shut(patience) ? "" : "%s could not be saved in time; ".formatted(saves.underWay());
    return cutOff + whatIsSafe() + "; go on with\n  " + command;
  }

  @Override
  public Optional<String> afterFailure() {
    return Optional.of(
        "tandem: %s; once that is mended, go on with\n  %s".formatted(whatIsSafe(), command));
  }

  @Override
  public Optional<String> untilAWord() {
    return Optional.of("tandem: %s; then go on with\n  %s".formatted(saves.safe(), command));
  }

  private String whatIsSafe() {
    Duration atStake = saves.atStake();
    return atStake.toSeconds() == 0
        ? saves.safe()
        : "%s; the last %s of work are lost"
            .formatted(saves.safe(), ProgressText.readable(atStake));
  }
}
