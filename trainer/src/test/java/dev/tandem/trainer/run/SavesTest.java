package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class SavesTest {
  private final Saves saves = new Saves();
  private final CountDownLatch writing = new CountDownLatch(1);
  private final CountDownLatch written = new CountDownLatch(1);

  private CompletableFuture<Void> saveSlowly() throws InterruptedException {
    CompletableFuture<Void> save =
        CompletableFuture.runAsync(
            () -> {
              try {
                saves.save("round 1", "round 1 of 2 is complete", this::write);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            task -> Thread.ofPlatform().daemon().start(task));
    writing.await();
    return save;
  }

  private void write() {
    writing.countDown();
    try {
      written.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSaveThatIsUnderWayComesToItsEndFirst()
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Void> save = saveSlowly();
    assertThat(saves.underWay()).isEqualTo("round 1");
    assertThat(saves.shut(Duration.ofMillis(1))).isFalse();
    assertThat(saves.safe()).isEqualTo("nothing of the run is saved yet");
    written.countDown();
    assertThat(saves.shut(Duration.ofMinutes(1))).isTrue();
    save.get(1, TimeUnit.MINUTES);
    assertThat(saves.safe()).isEqualTo("round 1 of 2 is complete");
    assertThat(saves.underWay()).isEmpty();
  }

  @Test
  void noSaveBeginsOnceTheDoorIsShut() throws InterruptedException {
    assertThat(saves.shut(Duration.ZERO)).isTrue();
    Thread late =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    saves.save("round 1", "round 1 of 2 is complete", writing::countDown);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    while (late.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(writing.getCount()).isOne();
    assertThat(saves.safe()).isEqualTo("nothing of the run is saved yet");
  }

  @Test
  void aSaveThatFailsIsNotSafe() {
    assertThatThrownBy(
            () ->
                saves.save(
                    "round 1",
                    "round 1 of 2 is complete",
                    () -> {
                      throw new IOException("no room");
                    }))
        .hasMessage("no room");
    assertThat(saves.safe()).isEqualTo("nothing of the run is saved yet");
    assertThat(saves.underWay()).isEmpty();
    assertThat(saves.atStake()).isPositive();
  }
}
