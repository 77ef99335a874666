package dev.tandem.harness.spi;

import java.util.Locale;

/**
 * Ways an episode goes wrong. A digest recognises the first ones, up to {@link #OUT_OF_STEPS}, from
 * any trace; the others are for worlds with tools and for models that are paid for. A processor's
 * metadata names the categories it may cure; that is how evolution finds a lever for a failure.
 */
public enum FailureCategory {
  /** A response that is no action of the environment at all. */
  UNPARSEABLE_RESPONSE,
  /** An action that the environment knows but does not admit in this state. */
  INADMISSIBLE_ACTION,
  /** The same action again in a state already seen. */
  REPEATED_ACTION,
  /** Places already searched were searched again while others were left. */
  REDUNDANT_SEARCH,
  /** Something the goal needs was seen, and was not used later. */
  FORGOTTEN_SIGHTING,
  /** A part of the goal was done and its continuation was missed. */
  LOST_PROGRESS,
  /** The step budget ran out while the agent was still making progress. */
  OUT_OF_STEPS,
  /** Step after step changed nothing. */
  NO_PROGRESS,
  /** Tokens, money or time ran out. */
  OUT_OF_BUDGET,
  /** The history grew beyond what the model reads. */
  CONTEXT_EXHAUSTED,
  /** A tool was called with input that it does not take. */
  TOOL_MISUSE,
  /** A tool failed again and again. */
  TOOL_FAILURE,
  /** The agent said it was done and was not. */
  PREMATURE_FINISH,
  /** Something was done that could not be undone. */
  IRREVERSIBLE_ACTION,
  /** A harder task than the model in charge can solve. */
  BEYOND_THE_MODEL;

  /** The category's name in files, such as {@code redundant_search}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
