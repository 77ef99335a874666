package dev.tandem.rollout.spi;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.TaskSpec;
import java.util.List;
import java.util.Optional;

/**
 * The door for worlds from outside: a set of tasks of one kind and the environments they play in.
 * An implementation has a public constructor without parameters and is named in {@code
 * META-INF/services/dev.tandem.rollout.spi.EnvironmentFamily} of its jar; House comes through the
 * same door. A recipe names it by {@link #id} and gives its {@link #parameters}: {@code
 * environment: {name: house, ...}}.
 *
 * <p>A family is a value, shared by any number of episodes at once; what an episode holds belongs
 * to its {@link Environment}.
 */
public interface EnvironmentFamily {
  /** Its name in recipes and in the keys of its tasks: lower-case words with underscores. */
  String id();

  /** What a recipe may set. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /**
   * The family as a recipe configures it.
   *
   * @param arguments every one of {@link #parameters}, checked
   */
  default EnvironmentFamily configured(Arguments arguments) {
    return this;
  }

  /** What its environments can do. */
  Capabilities capabilities();

  /** Its tasks. */
  TaskCatalogue tasks();

  /** A fresh environment of a task of this family, for one episode. */
  Environment open(TaskSpec task, EpisodeContext context);

  /** JSON schema of its observations' facts; empty where they carry none. */
  default Optional<String> factsSchema() {
    return Optional.empty();
  }

  /** Processor types that make sense in this family only. */
  default List<ProcessorType> processors() {
    return List.of();
  }

  /** How its episodes go wrong. */
  default FailureTaxonomy failures() {
    return new GeneralFailures();
  }

  /** A fresh expert for a task, where the family has one. */
  default Optional<Expert> expert(TaskSpec task) {
    return Optional.empty();
  }

  /**
   * Every word that the family's texts and processors use, for models whose vocabulary is made to
   * measure; empty where it has no bound.
   */
  default List<String> vocabulary() {
    return List.of();
  }

  /**
   * Wordings that evolution may try where a recipe asks for them, such as other system prompts;
   * none by default.
   */
  default List<Wording> wordings() {
    return List.of();
  }
}
