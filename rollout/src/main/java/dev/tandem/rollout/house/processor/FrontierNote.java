package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keeps track of which places have been searched: those whose contents were visible once. */
public final class FrontierNote implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "frontier_note",
          "Notes which places were searched already, or which are left.",
          HouseGroups.FRONTIER,
          Dimension.MEMORY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(Groups.RENDERER, HouseGroups.SIGHTINGS, HouseGroups.PROGRESS),
          Set.of(HouseFailures.REDUNDANT_SEARCH, FailureCategory.OUT_OF_STEPS),
          List.of(
              new Parameter.Choice("show", "unsearched", List.of("searched", "unsearched", "both")),
              new Parameter.Count("limit", 1, 1, 40)),
          FrontierNote::new);

  private final boolean showSearched;
  private final boolean showUnsearched;
  private final int limit;
  private final Exploration exploration = new Exploration();

  private FrontierNote(ProcessorType.Arguments arguments) {
    String show = arguments.text("show");
    showSearched = !show.equals("unsearched");
    showUnsearched = !show.equals("searched");
    limit = arguments.count("limit");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      exploration.observe(result.observation());
    } else if (event instanceof Event.BeforeModel before) {
      exploration.observe(before.observation());
      return Notes.append(before, note(before.observation()));
    }
    return Outcome.PASS;
  }

  private String note(Observation observation) {
    List<String> sentences = new ArrayList<>(2);
    if (showSearched) {
      sentences.add(Notes.list("searched", places(observation, true)));
    }
    if (showUnsearched) {
      sentences.add(Notes.list("unsearched", places(observation, false)));
    }
    return String.join(" ", sentences);
  }

  private List<String> places(Observation observation, boolean wasSearched) {
    return HouseFacts.of(observation).places().stream()
        .filter(place -> exploration.isSearched(place) == wasSearched)
        .limit(limit)
        .toList();
  }
}
