package dev.tandem.harness;

import java.util.Locale;

/**
 * Ways an episode goes wrong that a digest can recognise from its trace alone. A processor's
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
  OUT_OF_STEPS;

  /** The category's name in files, such as {@code redundant_search}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
