package dev.tandem.harness.event;

import java.util.List;
import java.util.Optional;

/**
 * What an environment shows: facts, never a prompt. Only processors turn it into text.
 *
 * @param goal the task in words
 * @param feedback the environment's own sentence on what the last action did; after reset, on the
 *     situation
 * @param effective whether the last action changed anything; true after reset
 * @param here where the agent is and what it sees there; empty before it has gone anywhere
 * @param places every place the agent can go to, in the environment's order
 * @param holding what the agent carries
 * @param admissible the commands that would be carried out now, in the environment's order
 */
public record Observation(
    String goal,
    String feedback,
    boolean effective,
    Optional<Place> here,
    List<String> places,
    List<String> holding,
    List<String> admissible) {

  public Observation {
    places = List.copyOf(places);
    holding = List.copyOf(holding);
    admissible = List.copyOf(admissible);
  }

  /**
   * A place and what can be seen there.
   *
   * @param contents what is visible; empty while closed
   */
  public record Place(String name, Access access, List<String> contents) {
    public Place {
      contents = List.copyOf(contents);
    }

    /** Whether the contents can be seen now. */
    public boolean isSearchable() {
      return access != Access.CLOSED;
    }
  }

  /** Whether a place can be closed, and is. */
  public enum Access {
    ALWAYS_OPEN,
    OPEN,
    CLOSED
  }
}
