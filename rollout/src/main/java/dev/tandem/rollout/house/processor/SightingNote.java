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
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFailures;
import java.util.List;
import java.util.Set;

/** Remembers where things were seen last, and reminds of those that are elsewhere. */
public final class SightingNote implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "sighting_note",
          "Notes where things were seen that are neither here nor held.",
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
    List<Exploration.Sighting> seen =
        goalOnly ? exploration.sightingsFor(observation.goal()) : exploration.sightings();
    List<String> elsewhere =
        seen.stream()
            .filter(sighting -> !sighting.place().equals(here))
            .map(sighting -> sighting.item() + " at " + sighting.place())
            .toList();
    return elsewhere.subList(Math.max(0, elsewhere.size() - limit), elsewhere.size());
  }
}
