package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A provider's sessions, one after the other as they break, behind a session that never does: it
 * throws nothing, and answers each request once, if need be with a failure of its own.
 */
final class GuardedSession implements CompletionSession {
  private final ModelProvider provider;
  private final int concurrency;
  private final Duration patience;
  private final Set<Long> pending = new TreeSet<>();
  private final List<Finished> refused = new ArrayList<>();

  /** Each of them excuses one return without an answer. */
  private final AtomicLong wakes = new AtomicLong();

  private long excused;
  private volatile @Nullable CompletionSession session;

  // Guarded by the monitor: the call that the provider is in.
  private @Nullable Thread caller;
  private long since;
  private boolean gaveUp;

  /**
   * @param patience how long one call may take until it is interrupted
   */
  GuardedSession(ModelProvider provider, int concurrency, Duration patience) {
    this.provider = provider;
    this.concurrency = concurrency;
    this.patience = patience;
  }

  @Override
  public void submit(long key, Model.Request request) {
    enter();
    try {
      CompletionSession open = session;
      if (open == null) {
        open = provider.session(concurrency);
        session = open;
      }
      open.submit(key, request);
      pending.add(key);
    } catch (Throwable e) {
      refused.add(new Finished(key, failed(e)));
    } finally {
      exit();
    }
  }

  @Override
  public List<Finished> advance() {
    List<Finished> answers = new ArrayList<>(refused);
    refused.clear();
    CompletionSession open = session;
    if (pending.isEmpty() || open == null) {
      return answers;
    }
    enter();
    try {
      for (Finished one : open.advance()) {
        if (pending.remove(one.key())) {
          answers.add(one.answer() == null ? new Finished(one.key(), silent()) : one);
        }
      }
      if (answers.isEmpty() && ++excused > wakes.get()) {
        throw new IllegalStateException(
            "none of the %d requests that wait was answered".formatted(pending.size()));
      }
    } catch (Throwable e) {
      pending.forEach(key -> answers.add(new Finished(key, failed(e))));
      pending.clear();
      // An interrupt was for the call that broke; closing has its own time.
      exit();
      enter();
      drop();
    } finally {
      exit();
    }
    return answers;
  }

  private static Model.Answer silent() {
    return new Model.Answer.Failed(
        new Model.ModelException(
            Model.FailureKind.INVALID_RESPONSE,
            "the provider left a request unanswered",
            new IllegalStateException("no answer")));
  }

  /** A new exception for each asker, since each throws it on a thread of its own. */
  private Model.Answer failed(Throwable cause) {
    boolean tooLong;
    synchronized (this) {
      tooLong = gaveUp;
    }
    if (tooLong) {
      return new Model.Answer.Failed(
          new Model.ModelException(
              Model.FailureKind.TIMEOUT, "the model gave no answer within " + patience, cause));
    }
    return new Model.Answer.Failed(
        cause instanceof Model.ModelException failure
            ? new Model.ModelException(failure.kind(), Sentences.message(failure), failure)
            : new Model.ModelException("the provider broke: " + Sentences.of(cause), cause));
  }

  @Override
  public void wake() {
    wakes.incrementAndGet();
    CompletionSession open = session;
    if (open != null) {
      try {
        open.wake();
      } catch (Throwable e) {
        // It goes on without: what is new waits until it returns.
        wakes.decrementAndGet();
      }
    }
  }

  /**
   * Interrupts a call that takes too long; to be called now and then by another thread.
   *
   * @return nanoseconds until this is worth calling again
   */
  synchronized long check(long now) {
    Thread inside = caller;
    if (inside == null || gaveUp) {
      return patience.toNanos();
    }
    long left = since + patience.toNanos() - now;
    if (left > 0) {
      return left;
    }
    gaveUp = true;
    inside.interrupt();
    return patience.toNanos();
  }

  private synchronized void enter() {
    caller = Thread.currentThread();
    since = System.nanoTime();
    gaveUp = false;
  }

  private synchronized void exit() {
    caller = null;
    if (gaveUp) {
      // Ours, and of no concern to who comes next.
      Thread.interrupted();
    }
  }

  private void drop() {
    CompletionSession open = session;
    session = null;
    if (open != null) {
      try {
        open.close();
      } catch (Throwable e) {
        // Broken before, or of no use any more: the answers count.
        return;
      }
    }
  }

  @Override
  public void close() {
    enter();
    try {
      drop();
    } finally {
      exit();
    }
  }
}
