package dev.tandem.harness.spi;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonKey;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A way an episode goes wrong. Those here arise in any world; a family's taxonomy adds its own. A
 * processor's metadata names the categories it may cure; that is how evolution finds a lever for a
 * failure.
 *
 * @param id its name in files, such as {@code repeated_action}: lower-case words with underscores
 */
public record FailureCategory(@JsonValue @JsonKey String id)
    implements Comparable<FailureCategory> {
  /** A response that is no action of the environment at all. */
  public static final FailureCategory UNPARSEABLE_RESPONSE = of("unparseable_response");

  /** An action that the environment knows but does not admit in this state. */
  public static final FailureCategory INADMISSIBLE_ACTION = of("inadmissible_action");

  /** The same action again in a state already seen. */
  public static final FailureCategory REPEATED_ACTION = of("repeated_action");

  /** A part of the goal was done and its continuation was missed. */
  public static final FailureCategory LOST_PROGRESS = of("lost_progress");

  /** The step budget ran out while the agent was still making progress. */
  public static final FailureCategory OUT_OF_STEPS = of("out_of_steps");

  /** Step after step changed nothing. */
  public static final FailureCategory NO_PROGRESS = of("no_progress");

  /** Tokens, money or time ran out. */
  public static final FailureCategory OUT_OF_BUDGET = of("out_of_budget");

  /** The history grew beyond what the model reads. */
  public static final FailureCategory CONTEXT_EXHAUSTED = of("context_exhausted");

  /** A tool was called with input that it does not take. */
  public static final FailureCategory TOOL_MISUSE = of("tool_misuse");

  /** A tool failed again and again. */
  public static final FailureCategory TOOL_FAILURE = of("tool_failure");

  /** The agent said it was done and was not. */
  public static final FailureCategory PREMATURE_FINISH = of("premature_finish");

  /** Something was done that could not be undone. */
  public static final FailureCategory IRREVERSIBLE_ACTION = of("irreversible_action");

  /** A harder task than the model in charge can solve. */
  public static final FailureCategory BEYOND_THE_MODEL = of("beyond_the_model");

  /**
   * @throws IllegalArgumentException when the id is not lower-case words with underscores
   */
  @JsonCreator
  public FailureCategory {
    if (!id.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*")) {
      throw new IllegalArgumentException(
          "a failure category is lower-case words with underscores, was '%s'".formatted(id));
    }
  }

  public static FailureCategory of(String id) {
    return new FailureCategory(id);
  }

  @Override
  public int compareTo(FailureCategory other) {
    return id.compareTo(other.id);
  }

  @Override
  public String toString() {
    return id;
  }
}
