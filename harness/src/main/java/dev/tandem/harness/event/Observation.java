package dev.tandem.harness.event;

import java.util.List;
import java.util.Optional;

/**
 * What an environment shows. Only processors turn it into a prompt; a processor that reads facts
 * belongs to the family whose schema they follow.
 *
 * @param goal the task in words
 * @param text the environment's own words: what the last action led to; after reset, the situation
 * @param facts the same and more as a tree
 * @param effective whether the last action did anything; true after reset
 * @param admissible the commands that would be carried out now, in the environment's order; empty
 *     when the environment does not tell
 */
public record Observation(
    String goal, String text, Facts facts, boolean effective, Optional<List<String>> admissible) {
  public Observation {
    admissible = admissible.map(List::copyOf);
  }

  /** A text and no more. */
  public static Observation of(String goal, String text) {
    return new Observation(goal, text, Facts.NONE, true, Optional.empty());
  }

  /** The commands that would be carried out; none when the environment does not tell. */
  public List<String> commands() {
    return admissible.orElse(List.of());
  }

  /**
   * What can be told of the situation, to compare it with others: the facts, or the text where
   * there are none.
   */
  public Object situation() {
    return facts.isEmpty() ? text : facts;
  }
}
