package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One participant's thread and its clock, which stands still while it waits for the model: that
 * time is the model's and its neighbours'. Everything but the clock is guarded by the scheduler.
 */
final class Attempt {
  final int number;
  private @Nullable Thread thread;

  /** What it waits for, if it does. */
  @Nullable CompletableFuture<Model.Answer> awaited;

  /** When it was interrupted, having outlived its deadline; 0 before. */
  private long interruptedAt;

  /** What it was at when it was interrupted. */
  private String activityThen = "";

  boolean over;
  boolean holdsCarrier;

  private long own;
  private volatile long since;
  private volatile boolean counting;
  private volatile String activity = "starting";

  Attempt(int number) {
    this.number = number;
  }

  void start(Runnable work) {
    Thread started = Thread.ofVirtual().name("episode-" + number).unstarted(work);
    thread = started;
    started.start();
  }

  /** From here on time is its own; on its own thread. */
  void resume() {
    since = System.nanoTime();
    counting = true;
  }

  void pause() {
    if (counting) {
      counting = false;
      own += System.nanoTime() - since;
    }
  }

  /** Nanoseconds that it has spent itself. */
  long own(long now) {
    return counting ? own + Math.max(0, now - since) : own;
  }

  void isAt(String what) {
    activity = what;
  }

  /** Tells it that its time is up. */
  void interrupt(long now) {
    interruptedAt = now == 0 ? 1 : now;
    activityThen = activity;
    Objects.requireNonNull(thread, "it has been started").interrupt();
  }

  <T> Outcome.Overdue<T> overdue(boolean abandoned) {
    return new Outcome.Overdue<>(activityThen, abandoned);
  }

  /** Whether it keeps a processor busy. */
  boolean computes() {
    return Objects.requireNonNull(thread, "it has been started").getState()
        == Thread.State.RUNNABLE;
  }

  /** Nanoseconds since it was interrupted. */
  long overrun(long now) {
    return now - interruptedAt;
  }

  boolean overdue() {
    return interruptedAt != 0;
  }

  /**
   * @throws Model.ModelException unless it is in time and waits for no other answer
   */
  void requireMayAsk() {
    if (over || overdue()) {
      throw refused(Model.FailureKind.TIMEOUT, "the episode has outlived its deadline or ended");
    }
    if (awaited != null) {
      throw refused(Model.FailureKind.OTHER, "the episode waits for another answer already");
    }
  }

  private static Model.ModelException refused(Model.FailureKind kind, String why) {
    return new Model.ModelException(kind, why, new IllegalStateException(why));
  }
}
