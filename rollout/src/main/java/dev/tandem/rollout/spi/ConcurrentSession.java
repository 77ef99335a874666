package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.model.Retry;
import dev.tandem.harness.model.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * A session for models that answer one request at a time and many at once, such as a server's: each
 * request has a virtual thread of its own, at most so many are with the model at once, and answers
 * come as they finish. A request that is refused waits and is made again without holding a place,
 * so that it slows nobody but its own asker.
 */
public final class ConcurrentSession implements CompletionSession {
  /** How long the end of interrupted requests is waited for. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final Model model;
  private final Semaphore places;
  private final RetryPolicy retries;
  private final Models.Pause pause;

  // Guarded by this.
  private final Map<Long, Thread> asking = new HashMap<>();
  private final List<Finished> finished = new ArrayList<>();
  private boolean woken;

  /** With the usual patience. */
  public ConcurrentSession(Model model, int atOnce) {
    this(model, atOnce, RetryPolicy.DEFAULT, Models.Pause.sleeping());
  }

  /**
   * @param model for any number of threads
   * @param atOnce most requests that are with the model at the same time
   */
  public ConcurrentSession(Model model, int atOnce, RetryPolicy retries, Models.Pause pause) {
    this.model = model;
    this.places = new Semaphore(atOnce);
    this.retries = retries;
    this.pause = pause;
  }

  @Override
  public synchronized void submit(long key, Model.Request request) {
    Thread thread =
        Thread.ofVirtual().name("request-" + key).unstarted(() -> finish(key, answer(request)));
    asking.put(key, thread);
    thread.start();
  }

  private Model.Answer answer(Model.Request request) {
    for (int attempt = 1; ; attempt++) {
      Model.ModelException failure;
      try {
        return Model.Answer.of(ask(request));
      } catch (Model.ModelException e) {
        failure = e;
      } catch (InterruptedException e) {
        return new Model.Answer.Failed(
            new Model.ModelException("the session was closed before the model answered", e));
      } catch (Throwable e) {
        // A fault of the model's own code, an Error too, is this request's alone.
        return new Model.Answer.Failed(new Model.ModelException("the model broke: " + e, e));
      }
      Retry retry = retries.of(failure.kind());
      if (attempt >= retry.attempts()) {
        return new Model.Answer.Failed(failure);
      }
      try {
        pause.await(retry.before(attempt));
      } catch (InterruptedException e) {
        return new Model.Answer.Failed(failure);
      }
    }
  }

  private Model.Completion ask(Model.Request request) throws InterruptedException {
    places.acquire();
    try {
      return model.complete(request);
    } finally {
      places.release();
    }
  }

  private synchronized void finish(long key, Model.Answer answer) {
    asking.remove(key);
    finished.add(new Finished(key, answer));
    notifyAll();
  }

  @Override
  public synchronized List<Finished> advance() {
    while (finished.isEmpty() && !asking.isEmpty() && !woken) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Model.ModelException("interrupted while waiting for the model", e);
      }
    }
    woken = false;
    List<Finished> taken =
        finished.stream().sorted(Comparator.comparingLong(Finished::key)).toList();
    finished.clear();
    return taken;
  }

  @Override
  public synchronized void wake() {
    woken = true;
    notifyAll();
  }

  /** Interrupts what is still being asked and waits for its end, but not for ever. */
  @Override
  public void close() {
    List<Thread> left;
    synchronized (this) {
      left = List.copyOf(asking.values());
    }
    left.forEach(Thread::interrupt);
    long end = System.nanoTime() + FAREWELL.toNanos();
    try {
      for (Thread thread : left) {
        thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
