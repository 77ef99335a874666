package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.house.world.Goal;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFailures;
import dev.tandem.rollout.house.world.Thing;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Remembers where things were seen last: those that the goal needs next and that are not yet where
 * it wants them, or all that are elsewhere. The most recent sighting comes first.
 */
public final class SightingNote implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "sighting_note",
          "Notes where the things were seen that the goal needs next, or all that are elsewhere.",
          HouseGroups.SIGHTINGS,
          Dimension.MEMORY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(Groups.RENDERER),
          Set.of(HouseFailures.FORGOTTEN_SIGHTING),
          List.of(
              new Parameter.Choice("scope", "goal", List.of("goal", "all")),
              new Parameter.Count("limit", 6, 1, 20)),
          SightingNote::new);

  private final boolean goalOnly;
  private final int limit;

  private final Exploration exploration = new Exploration();

  private SightingNote(ProcessorType.Arguments arguments) {
    goalOnly = arguments.text("scope").equals("goal");
    limit = arguments.count("limit");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      exploration.observe(result.observation());
    } else if (event instanceof Event.BeforeModel before) {
      exploration.observe(before.observation());
      List<String> sightings = sightings(before.observation());
      if (!sightings.isEmpty()) {
        return Notes.append(before, Notes.list("seen", sightings));
      }
    }
    return Outcome.PASS;
  }

  private List<String> sightings(Observation observation) {
    String here = HouseFacts.of(observation).here().map(HouseFacts.Place::name).orElse("");
    return sightings(observation, here)
        .limit(limit)
        .map(
            seen ->
                seen.place().equals(here)
                    ? seen.item() + " here"
                    : seen.item() + " at " + seen.place())
        .toList();
  }

  private Stream<Exploration.Sighting> sightings(Observation observation, String here) {
    if (!goalOnly) {
      return exploration.sightings().stream().filter(seen -> !seen.place().equals(here));
    }
    Stream<Exploration.Sighting> named = exploration.sightingsFor(observation.goal()).stream();
    return Goal.parse(observation.goal())
        .map(goal -> needed(named, goal, HouseFacts.of(observation).holding()))
        .orElse(named);
  }

  /**
   * What the goal has a use for now: its thing, where that is not served already, and once it is
   * held all else that the goal names.
   */
  private static Stream<Exploration.Sighting> needed(
      Stream<Exploration.Sighting> named, Goal goal, List<String> holding) {
    Thing thing = goal.thing();
    return holding.stream().anyMatch(thing::isKindOf)
        ? named.filter(seen -> !thing.isKindOf(seen.item()))
        : named.filter(seen -> thing.isKindOf(seen.item()) && !goal.isServedAt(seen.place()));
  }
}
