package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntConsumer;

/**
 * Runs numbered participants on virtual threads, their model calls through one session. The model
 * works only while every running participant waits for it, and gets new requests in order of the
 * participants' numbers. Its batches therefore depend on what the participants do and never on
 * timing; nobody waits for a participant whose answer takes longer.
 */
final class Lockstep {
  private final ModelProvider provider;
  private final int concurrency;
  private final TreeMap<Long, Waiting> asking = new TreeMap<>();
  private final Map<Long, CompletableFuture<Model.Completion>> waiting = new HashMap<>();
  private int busy;
  private int active;

  Lockstep(ModelProvider provider, int concurrency) {
    this.provider = provider;
    this.concurrency = concurrency;
  }

  /** What a participant does; it calls the model as often as it likes. */
  interface Participant {
    void run(int number, Model model);
  }

  private record Waiting(Model.Request request, CompletableFuture<Model.Completion> answer) {}

  /**
   * Runs participants 0 to {@code count - 1}, at most {@code concurrency} at once; a new one
   * starts, in order, when one has ended.
   *
   * @param ended told how many have ended since it was last told
   */
  void run(int count, Participant participant, IntConsumer ended) {
    if (count > 0) {
      try (CompletionSession session = provider.session(Math.min(count, concurrency))) {
        run(count, participant, ended, session);
      }
    }
  }

  private void run(
      int count, Participant participant, IntConsumer ended, CompletionSession session) {
    int started = 0;
    int reported = 0;
    while (true) {
      while (started < count && startable()) {
        start(started++, participant);
      }
      awaitQuiet();
      int done;
      synchronized (this) {
        done = started - active;
      }
      if (done > reported) {
        ended.accept(done - reported);
        reported = done;
      }
      if (started < count && startable()) {
        continue;
      }
      if (!answerSome(session)) {
        return;
      }
    }
  }

  private synchronized boolean startable() {
    return active < concurrency;
  }

  private void start(int number, Participant participant) {
    synchronized (this) {
      active++;
      busy++;
    }
    Thread.ofVirtual()
        .name("episode-" + number)
        .start(
            () -> {
              try {
                participant.run(number, request -> ask(number, request));
              } finally {
                leave();
              }
            });
  }

  private Model.Completion ask(int number, Model.Request request) {
    CompletableFuture<Model.Completion> answer = new CompletableFuture<>();
    synchronized (this) {
      asking.put((long) number, new Waiting(request, answer));
      idle();
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Model.ModelException failure) {
        throw new Model.ModelException(
            failure.kind(),
            Objects.requireNonNullElse(failure.getMessage(), "the model could not answer"),
            failure);
      }
      throw e;
    }
  }

  private synchronized void leave() {
    active--;
    idle();
  }

  private synchronized void idle() {
    busy--;
    if (busy == 0) {
      notifyAll();
    }
  }

  private synchronized void awaitQuiet() {
    boolean interrupted = false;
    while (busy > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Lets the model answer some of those who wait; whatever happens, nobody is left waiting for a
   * broken session.
   *
   * @return false when nobody waits
   */
  private boolean answerSome(CompletionSession session) {
    boolean broken = true;
    try {
      takeAsking().forEach((number, one) -> session.submit(number, one.request()));
      boolean anyone = !waiting.isEmpty();
      if (anyone) {
        session.advance().forEach(one -> answer(one.key()).complete(one.completion()));
      }
      broken = false;
      return anyone;
    } catch (Model.ModelException e) {
      List.copyOf(waiting.keySet()).forEach(number -> answer(number).completeExceptionally(e));
      return true;
    } finally {
      if (broken) {
        List.copyOf(waiting.keySet()).forEach(number -> answer(number).cancel(false));
      }
    }
  }

  private synchronized Map<Long, Waiting> takeAsking() {
    Map<Long, Waiting> taken = new TreeMap<>(asking);
    taken.forEach((number, one) -> waiting.put(number, one.answer()));
    asking.clear();
    return taken;
  }

  /** What a participant waits for; it is busy from now on. */
  private synchronized CompletableFuture<Model.Completion> answer(long number) {
    busy++;
    return Objects.requireNonNull(waiting.remove(number), "nobody asked for this answer");
  }
}
