package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Observation;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** Remembers where things were seen last, and reminds of those that are elsewhere. */
final class SightingNote implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
          "sighting_note",
          "Notes where things were seen that are neither here nor held.",
          BuiltInProcessors.SIGHTINGS,
          Dimension.MEMORY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(BuiltInProcessors.RENDERER, BuiltInProcessors.FRONTIER),
          Set.of(FailureCategory.FORGOTTEN_SIGHTING),
          List.of(
              new Parameter.Choice("scope", "goal", List.of("goal", "all")),
              new Parameter.Count("limit", 6, 1, 20)),
          SightingNote::new);

  private final boolean goalOnly;
  private final int limit;

  /** Item to place, the most recent sighting last. */
  private final SequencedMap<String, String> placeOfItem = new LinkedHashMap<>();

  private SightingNote(ProcessorType.Arguments arguments) {
    goalOnly = arguments.text("scope").equals("goal");
    limit = arguments.count("limit");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      observe(result.observation());
    } else if (event instanceof Event.BeforeModel before) {
      observe(before.observation());
      List<String> sightings = sightings(before.observation());
      if (!sightings.isEmpty()) {
        return Notes.append(before, Notes.list("seen", sightings));
      }
    }
    return Outcome.PASS;
  }

  private void observe(Observation observation) {
    observation.here().filter(Observation.Place::isSearchable).ifPresent(this::observe);
    observation.holding().forEach(placeOfItem::remove);
  }

  private void observe(Observation.Place here) {
    placeOfItem.values().removeIf(here.name()::equals);
    here.contents().forEach(item -> placeOfItem.putLast(item, here.name()));
  }

  private List<String> sightings(Observation observation) {
    Set<String> goal =
        goalOnly ? new HashSet<>(Arrays.asList(observation.goal().split(" ", -1))) : Set.of();
    String here = observation.here().map(Observation.Place::name).orElse("");
    List<String> sightings = new ArrayList<>();
    for (Map.Entry<String, String> sighting : placeOfItem.entrySet()) {
      boolean relevant = !goalOnly || goal.contains(kind(sighting.getKey()));
      if (relevant && !sighting.getValue().equals(here)) {
        sightings.add(sighting.getKey() + " at " + sighting.getValue());
      }
    }
    return sightings.subList(Math.max(0, sightings.size() - limit), sightings.size());
  }

  /** The first word of a name: {@code mug} of {@code mug 1}. */
  private static String kind(String item) {
    int space = item.indexOf(' ');
    return space < 0 ? item : item.substring(0, space);
  }
}
