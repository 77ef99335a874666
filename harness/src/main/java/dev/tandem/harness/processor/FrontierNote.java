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
import java.util.List;
import java.util.Set;

/** Keeps track of which places have been searched: those whose contents were visible once. */
final class FrontierNote implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
          "frontier_note",
          "Notes which places were searched already, or which are left.",
          BuiltInProcessors.FRONTIER,
          Dimension.MEMORY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(BuiltInProcessors.RENDERER),
          Set.of(FailureCategory.REDUNDANT_SEARCH, FailureCategory.OUT_OF_STEPS),
          List.of(
              new Parameter.Choice("show", "unsearched", List.of("searched", "unsearched", "both")),
              new Parameter.Count("limit", 40, 1, 40)),
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
    return observation.places().stream()
        .filter(place -> exploration.isSearched(place) == wasSearched)
        .limit(limit)
        .toList();
  }
}
