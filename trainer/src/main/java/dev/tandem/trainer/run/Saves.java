package dev.tandem.trainer.run;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What of a run is safe on disk, and the door that every save goes through. Whoever has to end the
 * process shuts it: a save that is under way comes to its end first, and none begins any more. All
 * other work may be cut off anywhere.
 */
public final class Saves {
  private final ReentrantLock door = new ReentrantLock();
  private volatile Point latest = new Point("nothing of the run is saved yet", System.nanoTime());
  private volatile String underWay = "";

  /** What was safe from a moment on. */
  private record Point(String sentence, long nanoTime) {}

  /** Writes what is to be safe. */
  @FunctionalInterface
  public interface Writing {
    void write() throws IOException;
  }

  /**
   * Saves.
   *
   * @param what the name of what is written, such as {@code round 7}
   * @param sentence what holds from then on, such as {@code round 7 of 20 is complete}
   */
  public void save(String what, String sentence, Writing writing) throws IOException {
    door.lock();
    try {
      underWay = what;
      writing.write();
      found(sentence);
    } finally {
      underWay = "";
      door.unlock();
    }
  }

  /** Takes note of what was safe before this process began. */
  public void found(String sentence) {
    latest = new Point(sentence, System.nanoTime());
  }

  /** What is safe, as a sentence without its full stop. */
  public String safe() {
    return latest.sentence();
  }

  /** What is being written at this moment; empty if nothing is. */
  public String underWay() {
    return underWay;
  }

  /** For how long the run has worked on what is not safe yet. */
  public Duration atStake() {
    return Duration.ofNanos(System.nanoTime() - latest.nanoTime());
  }

  /**
   * Shuts the door for good; it stays the calling thread's.
   *
   * @param patience how long to wait for a save that is under way
   * @return whether none is half done
   */
  public boolean shut(Duration patience) {
    try {
      return door.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
