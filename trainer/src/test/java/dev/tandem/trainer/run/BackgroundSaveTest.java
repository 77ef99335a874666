package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.durable.CrashPoints;
import dev.tandem.harness.durable.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackgroundSaveTest {
  @TempDir private Path folder;

  private final Saves saves = new Saves();
  private final BackgroundSave saving = new BackgroundSave(saves);
  private final CountDownLatch goOn = new CountDownLatch(1);

  private void hold() {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void isSafeOnlyOnceItIsWritten() throws IOException {
    saving.begin("round 1", "round 1 is complete", this::hold);
    assertThat(saves.safe()).isEqualTo("nothing of the run is saved yet");
    goOn.countDown();
    saving.await();
    assertThat(saves.safe()).isEqualTo("round 1 is complete");
  }

  @Test
  void oneComesAfterTheOther() throws IOException {
    List<Integer> order = new CopyOnWriteArrayList<>();
    saving.begin(
        "round 1",
        "round 1 is complete",
        () -> {
          hold();
          order.add(1);
        });
    Thread.ofPlatform().daemon().start(goOn::countDown);
    saving.begin("round 2", "round 2 is complete", () -> order.add(2));
    saving.close();
    assertThat(order).containsExactly(1, 2);
  }

  @Test
  void whatFailedIsThrownOnceWhereSomebodyWaits() throws IOException {
    saving.begin(
        "round 1",
        "round 1 is complete",
        () -> {
          throw new IOException("no room");
        });
    assertThatThrownBy(saving::await).isExactlyInstanceOf(IOException.class).hasMessage("no room");
    saving.close();
    assertThat(saves.safe()).isEqualTo("nothing of the run is saved yet");
    saving.begin(
        "round 1",
        "round 1 is complete",
        () -> {
          throw new IllegalArgumentException("no sense");
        });
    assertThatThrownBy(saving::close)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("no sense");
  }

  /** Else no test would ever kill a run while it saves. */
  @Test
  void whoWatchesTheDiskIsToldOfIt() throws IOException {
    List<String> moments = new CopyOnWriteArrayList<>();
    CrashPoints.watched(
        moments::add,
        () -> {
          saving.begin(
              "round 1",
              "round 1 is complete",
              () ->
                  DurableFiles.append(
                      folder.resolve("file"), "text".getBytes(StandardCharsets.UTF_8)));
          saving.await();
        });
    assertThat(moments).isNotEmpty().first().asString().startsWith("before adding to");
  }
}
