package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;

/**
 * A model that answers requests while others keep coming: continuous batching.
 *
 * <p>Its user calls {@link #advance} only when everyone who is not waiting for an answer has either
 * asked or ended, and submits in a fixed order; so the answers, and who shared a batch with whom,
 * depend on the requests and never on timing. For one thread at a time.
 */
public interface CompletionSession extends AutoCloseable {
  /**
   * An answer.
   *
   * @param key the asker's
   */
  record Finished(long key, Model.Completion completion) {}

  /**
   * Hands in a request, which is worked on from the next {@link #advance} on.
   *
   * @param key the asker's, who waits for the answer before asking again
   */
  void submit(long key, Model.Request request);

  /**
   * Works until some requests are answered.
   *
   * @return the answers, at least one unless nobody waits, in order of their keys
   * @throws Model.ModelException when the model cannot answer; the session then has no requests
   *     left
   */
  List<Finished> advance();

  @Override
  void close();
}
