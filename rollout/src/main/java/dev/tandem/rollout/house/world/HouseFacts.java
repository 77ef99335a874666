package dev.tandem.rollout.house.world;

import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The facts of a house's observations, {@link #SCHEMA} as a record.
 *
 * @param here where the agent is and what it sees there; empty before it has gone anywhere
 * @param places every place the agent can go to, always in the same order
 * @param holding what the agent carries
 */
public record HouseFacts(Optional<Place> here, List<String> places, List<String> holding) {
  /** JSON schema of the facts. */
  public static final String SCHEMA =
      """
      {"type": "object", "required": ["places", "holding"], "additionalProperties": false,
       "properties": {
         "here": {"type": "object", "required": ["name", "access", "contents"],
           "additionalProperties": false,
           "properties": {
             "name": {"type": "string"},
             "access": {"enum": ["always_open", "open", "closed"]},
             "contents": {"type": "array", "items": {"type": "string"}}}},
         "places": {"type": "array", "items": {"type": "string"}},
         "holding": {"type": "array", "items": {"type": "string"}}}}
      """;

  public HouseFacts {
    places = List.copyOf(places);
    holding = List.copyOf(holding);
  }

  /** Whether a place can be closed, and is. */
  public enum Access {
    ALWAYS_OPEN,
    OPEN,
    CLOSED;

    private String id() {
      return name().toLowerCase(Locale.ROOT);
    }
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

    private static Place of(Facts facts) {
      return new Place(
          facts.text("name").orElse(""),
          Access.valueOf(facts.text("access").orElse("always_open").toUpperCase(Locale.ROOT)),
          facts.texts("contents"));
    }

    private Map<String, Object> tree() {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("name", name);
      tree.put("access", access.id());
      tree.put("contents", contents);
      return tree;
    }
  }

  /** What an observation tells; nothing of what its facts do not have. */
  public static HouseFacts of(Observation observation) {
    return observation.facts().as(HouseFacts.class, HouseFacts::read);
  }

  private static HouseFacts read(Facts facts) {
    return new HouseFacts(
        facts.object("here").map(Place::of), facts.texts("places"), facts.texts("holding"));
  }

  /** As observations carry it. */
  public Facts facts() {
    Map<String, Object> tree = new LinkedHashMap<>();
    here.ifPresent(place -> tree.put("here", place.tree()));
    tree.put("places", places);
    tree.put("holding", holding);
    Facts facts = new Facts(tree);
    facts.as(HouseFacts.class, _ -> this); // who asks for the record gets this one
    return facts;
  }
}
