package dev.tandem.aegis.author;

import dev.tandem.harness.config.HarnessConfig;
import java.util.Optional;

/** Plays code that a language model wrote before it may be proposed. */
public interface CodeTrial {
  /**
   * Plays some tasks under both harnesses, with the same chance in both.
   *
   * @param with a harness with the code
   * @param without the same one without it
   * @return what is wrong, in one sentence for whoever wrote it: that it does not run, or that
   *     nothing of what it does reaches the model; empty when neither is so
   */
  Optional<String> complaint(HarnessConfig with, HarnessConfig without);
}
