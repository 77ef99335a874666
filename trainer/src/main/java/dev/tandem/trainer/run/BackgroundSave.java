package dev.tandem.trainer.run;

import dev.tandem.harness.durable.CrashPoints;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A save that goes on beside other work, as long as that changes neither what is saved nor the
 * disk: whoever is about to do so waits for it first. What has failed is thrown where somebody
 * waits.
 */
public final class BackgroundSave implements AutoCloseable {
  private final Saves saves;
  private Optional<FutureTask<Void>> underWay = Optional.empty();

  /**
   * @param saves the door that it goes through
   */
  public BackgroundSave(Saves saves) {
    this.saves = saves;
  }

  /**
   * Begins a save, once the one before has come to its end.
   *
   * @see Saves#save
   */
  public void begin(String what, String sentence, Saves.Writing writing) throws IOException {
    await();
    CrashPoints.Work work = CrashPoints.carried(() -> saves.save(what, sentence, writing));
    FutureTask<Void> save =
        new FutureTask<>(
            () -> {
              work.run();
              return null;
            });
    Thread.ofPlatform().name("saving " + what).daemon().start(save);
    underWay = Optional.of(save);
  }

  /** Returns when nothing is being saved; an interruption makes it no shorter. */
  public void await() throws IOException {
    if (underWay.isEmpty()) {
      return;
    }
    FutureTask<Void> save = underWay.get();
    underWay = Optional.empty();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          save.get();
          return;
        } catch (InterruptedException later) {
          interrupted = true;
        } catch (ExecutionException failed) {
          throw thrown(failed);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The failure itself, which says what became of which file. */
  private static IOException thrown(ExecutionException failed) {
    return switch (failed.getCause()) {
      case IOException refused -> refused;
      case RuntimeException refused -> throw refused;
      case Error broken -> throw broken;
      case null, default -> throw new IllegalStateException(failed);
    };
  }

  @Override
  public void close() throws IOException {
    await();
  }
}
