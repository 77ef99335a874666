package dev.tandem.trainer.equipment;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A provider that many episodes ask at once. Whoever finds it free asks for all who wait, in one
 * batch; so the provider works for one thread at a time and a slow one is asked for many.
 */
final class SharedModel implements Model {
  private final ModelProvider provider;
  private final ReentrantLock turn = new ReentrantLock();
  private List<Waiting> waiting = new ArrayList<>();

  SharedModel(ModelProvider provider) {
    this.provider = provider;
  }

  private record Waiting(Request request, CompletableFuture<Answer> answer) {}

  @Override
  public Completion complete(Request request) {
    Waiting mine = new Waiting(request, new CompletableFuture<>());
    synchronized (this) {
      waiting.add(mine);
    }
    turn.lock();
    try {
      if (!mine.answer().isDone()) {
        answer(taken());
      }
    } finally {
      turn.unlock();
    }
    try {
      return mine.answer().join().orThrow();
    } catch (CompletionException e) {
      throw new ModelException("the provider failed: " + e.getCause(), e);
    }
  }

  private synchronized List<Waiting> taken() {
    List<Waiting> batch = waiting;
    waiting = new ArrayList<>();
    return batch;
  }

  private void answer(List<Waiting> batch) {
    try {
      List<Answer> answers = provider.complete(batch.stream().map(Waiting::request).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer().complete(answers.get(i));
      }
    } catch (RuntimeException e) {
      batch.forEach(one -> one.answer().completeExceptionally(e));
    }
  }
}
