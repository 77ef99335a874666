package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;

/** Weights that answer requests, many at a time. */
public interface ModelProvider extends AutoCloseable {
  /**
   * Answers every request, in order, each with a completion or a failure of its own. For a
   * reproducible provider the answer depends on the batch's content alone, never on timing.
   *
   * @throws Model.ModelException when it can answer none of them; each then fails by itself
   */
  List<Model.Answer> complete(List<Model.Request> requests);

  /**
   * Opens a session with the present weights, for whoever cannot wait until all have asked. Answers
   * in waves unless the provider can do better; a server's client can, with a {@link
   * ConcurrentSession}.
   *
   * @param concurrency how many will wait for an answer at once
   */
  default CompletionSession session(int concurrency) {
    return new CompletionWaves(this);
  }

  /** Name of the weights, recorded in each trajectory. */
  String checkpoint();

  /** Releases connections and memory; nothing by default. */
  @Override
  default void close() {}
}
