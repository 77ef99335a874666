package dev.tandem.trainer.plugin;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.List;

/**
 * A provider from a plugin. Its weights' name has the hash of its code and parameters behind it, so
 * that what changed code answered is on record as another model's.
 *
 * @param checkpoint that name
 */
record OutsideProvider(ModelProvider inner, String checkpoint) implements ModelProvider {
  @Override
  public List<Model.Answer> complete(List<Model.Request> requests) {
    return inner.complete(requests);
  }

  @Override
  public CompletionSession session(int concurrency) {
    return inner.session(concurrency);
  }

  @Override
  public void close() {
    inner.close();
  }
}
