package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoppingTest {
  private static final Pattern CHILD = Pattern.compile("child (\\d+) runs");

  @TempDir private Path folder;

  /** A program that works until it is stopped, with a process of its own that does so too. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
      Console console = Console.ofProcess();
      Stopping stopping = new Stopping(console);
      stopping.install();
      switch (arguments[0]) {
        case "saves for ever" ->
            console.leaves(
                patience -> {
                  console.note("saving for at most " + patience.toSeconds());
                  waitForEver();
                  return "never";
                });
        case "fails" -> console.leaves(_ -> "all is lost");
        default -> {}
      }
      Process child = new ProcessBuilder("sleep", "600").start();
      console.note("child %d runs".formatted(child.pid()));
      child.waitFor();
      console.note("the child has ended, which is none of the user's business");
      stopping.exit(1);
    }

    private static void waitForEver() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @BeforeEach
  void needsSignals() {
    assumeThat(Path.of("/bin/kill")).exists();
  }

  private ChildRun start(String what) throws IOException {
    return ChildRun.start(Program.class, folder, what).until(" runs");
  }

  @Test
  void theFirstSignalSaysWhatIsLeftAndEndsWhatTheProcessStarted()
      throws IOException, InterruptedException {
    try (ChildRun program = start("works")) {
      Matcher child = CHILD.matcher(program.said());
      assertThat(child.find()).isTrue();
      assertThat(program.signal("TERM").status()).isEqualTo(143);
      assertThat(program.said()).endsWith("tandem: stopped by SIGTERM; nothing was written\n");
      assertThat(ProcessHandle.of(Long.parseLong(child.group(1))).filter(ProcessHandle::isAlive))
          .isEmpty();
    }
  }

  @Test
  void nothingIsSaidAfterTheLastWordsAndNoOtherStatusGiven()
      throws IOException, InterruptedException {
    try (ChildRun program = start("fails")) {
      assertThat(program.signal("TERM").status()).isEqualTo(143);
      assertThat(program.said()).endsWith("tandem: stopped by SIGTERM; all is lost\n");
    }
  }

  @Test
  void theSecondSignalEndsAtOnce() throws IOException, InterruptedException {
    try (ChildRun program = start("saves for ever")) {
      long begun = System.nanoTime();
      program.signal("TERM").until("saving for at most 20");
      assertThat(program.signal("TERM").status()).isEqualTo(143);
      assertThat(program.said()).endsWith("tandem: ended at once by a second signal\n");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    }
  }
}
