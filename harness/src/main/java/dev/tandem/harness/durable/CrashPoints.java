package dev.tandem.harness.durable;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * The moments between which the disk changes: before each write, in the middle of it, before each
 * rename and each removal. What the disk holds at one of them is what a process that is killed
 * there leaves behind, so that whoever is told of all of them can try every kill.
 */
public final class CrashPoints {
  private static final ScopedValue<Consumer<String>> WATCHER = ScopedValue.newInstance();

  private CrashPoints() {}

  /** Something that changes the disk. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /** Does the work; the watcher is told of each moment in what this thread does. */
  public static void watched(Consumer<String> watcher, Work work) throws IOException {
    IOException[] failure = new IOException[1];
    ScopedValue.where(WATCHER, watcher)
        .run(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                failure[0] = e;
              }
            });
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  /** The work for another thread, whose moments this thread's watcher is to be told of, too. */
  public static Work carried(Work work) {
    if (!WATCHER.isBound()) {
      return work;
    }
    Consumer<String> watcher = WATCHER.get();
    return () -> watched(watcher, work);
  }

  static boolean areWatched() {
    return WATCHER.isBound();
  }

  static void reached(String what, Object file) {
    if (WATCHER.isBound()) {
      WATCHER.get().accept(what + " " + file);
    }
  }
}
