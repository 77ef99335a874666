package dev.tandem.trainer;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Rollouts on a thread of their own, beside other work. What is played depends on nothing that this
 * work does, so it makes no difference which of the two gets on faster.
 *
 * @param <R> what they come to
 */
final class RolloutsAhead<R> implements AutoCloseable {
  private final Recallable model;
  private final CompletableFuture<R> result;

  /**
   * Begins.
   *
   * @param play plays with the model that it is given
   */
  RolloutsAhead(String name, ModelProvider model, Function<ModelProvider, R> play) {
    this.model = new Recallable(model);
    this.result =
        CompletableFuture.supplyAsync(
            () -> play.apply(this.model),
            work -> Thread.ofPlatform().name(name).daemon().start(work));
  }

  /**
   * Waits for the result, or throws what the rollouts have thrown; an interruption changes that
   * not.
   */
  R result() {
    try {
      return result.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw e;
      }
    }
  }

  /** Waits until nothing is played any more. */
  void await() {
    result.handle((_, _) -> true).join();
  }

  /** Lets all episodes fail that ask the model from now on, and waits for the others. */
  @Override
  public void close() {
    model.recalled = true;
    await();
  }

  /** A model that can be taken back from those who ask it. */
  private static final class Recallable implements ModelProvider {
    private final ModelProvider model;
    private volatile boolean recalled;

    Recallable(ModelProvider model) {
      this.model = model;
    }

    private void requireHere() {
      if (recalled) {
        String sentence = "nobody waits for these episodes any more";
        throw new Model.ModelException(
            Model.FailureKind.OTHER, sentence, new IllegalStateException(sentence));
      }
    }

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      requireHere();
      return model.complete(requests);
    }

    @Override
    public CompletionSession session(int concurrency) {
      CompletionSession session = model.session(concurrency);
      return new CompletionSession() {
        @Override
        public void submit(long key, Model.Request request) {
          requireHere();
          session.submit(key, request);
        }

        @Override
        public List<Finished> advance() {
          requireHere();
          return session.advance();
        }

        @Override
        public void wake() {
          session.wake();
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    @Override
    public String checkpoint() {
      return model.checkpoint();
    }
  }
}
