package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;

/**
 * A model that answers requests while others keep coming: continuous batching.
 *
 * <p>Where batches must not depend on timing, its user calls {@link #advance} only when everyone
 * who is not waiting for an answer has either asked or ended, and submits in a fixed order.
 * Elsewhere its user advances whenever somebody waits. For one thread at a time, but for {@link
 * #wake}.
 */
public interface CompletionSession extends AutoCloseable {
  /**
   * An answer.
   *
   * @param key the asker's
   */
  record Finished(long key, Model.Answer answer) {}

  /**
   * Hands in a request, which is worked on from the next {@link #advance} on, or at once.
   *
   * @param key the asker's, who waits for the answer before asking again
   */
  void submit(long key, Model.Request request);

  /**
   * Works until some requests are answered.
   *
   * @return the answers, in order of their keys; at least one unless nobody waits or the session
   *     was woken
   * @throws Model.ModelException when the whole session is broken; it is then closed, and whoever
   *     waits gets no answer
   */
  List<Finished> advance();

  /**
   * Tells from another thread that there is something new to submit. A session whose {@link
   * #advance} only waits for answers returns from it, now or when it is next called; one that works
   * in it, as by default, goes on.
   */
  default void wake() {}

  @Override
  void close();
}
