package dev.tandem.harness.processor.evaluation;

import dev.tandem.harness.event.Observation;
import java.util.Optional;

/**
 * Says what is still missing before an agent may call its task done, such as failing tests: a
 * service for {@code verifier_bridge}. It is the agent's own means of checking, never the judge of
 * its reward.
 */
@FunctionalInterface
public interface CompletionCheck {
  /**
   * What is missing, for the model; empty when nothing is.
   *
   * @param observation what the agent sees
   * @param answer what it is about to finish with
   */
  Optional<String> missing(Observation observation, String answer);
}
