package dev.tandem.rollout;

import dev.tandem.harness.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntConsumer;

/**
 * Runs numbered participants on virtual threads and answers their model calls in batches: a batch
 * is made when every running participant either waits for the model or has ended, and holds the
 * waiting ones in order of their numbers. Its composition therefore depends on what the
 * participants do and never on timing.
 */
final class Lockstep {
  private final ModelProvider provider;
  private final int concurrency;
  private final Map<Integer, Waiting> waiting = new TreeMap<>();
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
      List<Waiting> batch = takeBatch();
      if (batch.isEmpty()) {
        return;
      }
      answer(batch);
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
      waiting.put(number, new Waiting(request, answer));
      idle();
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Model.ModelException failure) {
        throw new Model.ModelException(
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

  private synchronized List<Waiting> takeBatch() {
    List<Waiting> batch = new ArrayList<>(waiting.values());
    waiting.clear();
    busy = batch.size();
    return batch;
  }

  /** Answers everyone, whatever happens: a participant left waiting would never end. */
  private void answer(List<Waiting> batch) {
    int answered = 0;
    try {
      List<Model.Completion> completions =
          provider.complete(batch.stream().map(Waiting::request).toList());
      while (answered < batch.size()) {
        batch.get(answered).answer().complete(completions.get(answered));
        answered++;
      }
    } catch (Model.ModelException e) {
      batch.forEach(one -> one.answer().completeExceptionally(e));
      answered = batch.size();
    } finally {
      batch.subList(answered, batch.size()).forEach(one -> one.answer().cancel(false));
    }
  }
}
