package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;

/** Weights that answer requests, many at a time. */
public interface ModelProvider {
  /**
   * Answers every request, in order. The answer to a request depends on the batch's content alone,
   * never on timing.
   *
   * @throws Model.ModelException when the model cannot answer
   */
  List<Model.Completion> complete(List<Model.Request> requests);

  /**
   * Opens a session with the present weights, for whoever cannot wait until all have asked. Answers
   * in waves unless the provider can do better.
   *
   * @param concurrency how many will wait for an answer at once
   */
  default CompletionSession session(int concurrency) {
    return new CompletionWaves(this);
  }

  /** Name of the weights, recorded in each trajectory. */
  String checkpoint();
}
