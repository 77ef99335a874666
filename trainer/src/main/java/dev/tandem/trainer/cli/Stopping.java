package dev.tandem.trainer.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Ctrl-C and SIGTERM. The first lets a save that is under way come to its end, says what is left
 * and how to go on, ends the processes that this one started, and exits with 128 and the signal's
 * number, as a shell would say it; the second ends the process at once.
 *
 * <p>The threads at work are not asked: what is on disk is whole at any instant, and a thread in a
 * long native call could not answer. So it takes no longer than the save, or {@link #PATIENCE};
 * Slurm sends SIGKILL 30 s after SIGTERM.
 */
final class Stopping {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** For processes that were asked to end, and then for what runs at the end of a JVM. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final int BY_SIGNAL = 128;

  private enum State {
    RUNNING,
    STOPPING,
    ENDING
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
  private final Console console;

  Stopping(Console console) {
    this.console = console;
  }

  /** What ends a process that can still be talked to. */
  enum Cause {
    SIGINT("INT", 2),
    SIGTERM("TERM", 15);

    private final String name;
    private final int number;

    Cause(String name, int number) {
      this.name = name;
      this.number = number;
    }
  }

  /** Takes over the signals of this process. */
  void install() {
    for (Cause cause : Cause.values()) {
      if (!Signals.handle(cause.name, () -> received(cause))) {
        System.getLogger(Stopping.class.getName())
            .log(System.Logger.Level.DEBUG, "{0} ends the process without a word", cause);
      }
    }
  }

  private void received(Cause cause) {
    int status = BY_SIGNAL + cause.number;
    if (state.compareAndSet(State.RUNNING, State.STOPPING)) {
      String left = console.remains().afterSignal(PATIENCE);
      console.lastWords("tandem: stopped by %s; %s".formatted(cause, left));
      endChildren();
      haltAfter(FAREWELL, status);
      System.exit(status);
    } else {
      if (state.get() == State.STOPPING) {
        console.lastWords("tandem: ended at once by a second signal");
      }
      Runtime.getRuntime().halt(status);
    }
  }

  /** Ends the process, unless a signal is doing so. */
  void exit(int status) {
    if (state.compareAndSet(State.RUNNING, State.ENDING)) {
      System.exit(status);
    }
    while (true) {
      LockSupport.park(this);
    }
  }

  /** Whatever this process started, such as MCP servers, and what that started. */
  private static void endChildren() {
    List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
    children.forEach(ProcessHandle::destroy);
    try {
      CompletableFuture.allOf(
              children.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
          .get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | InterruptedException deaf) {
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Shutdown hooks of libraries are welcome, as long as they are quick. */
  private static void haltAfter(Duration patience, int status) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                Thread.sleep(patience);
              } catch (InterruptedException early) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(status);
            });
  }
}
