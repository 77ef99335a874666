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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Turns what the environment shows into text. With {@code remember: full} it does so when the
 * action's result comes in, so that the history keeps the whole text; else only for the coming
 * model call, and the history keeps the environment's sentence alone.
 */
public final class HouseView implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "house_view",
          "Says in words where the agent is, what it sees there and what it holds.",
          Groups.RENDERER,
          Dimension.CONTEXT_ASSEMBLY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.PRE,
          List.of(),
          Set.of(FailureCategory.INADMISSIBLE_ACTION, FailureCategory.REPEATED_ACTION),
          List.of(
              new Parameter.Choice(
                  "feedback", "ineffective", List.of("never", "ineffective", "always")),
              new Parameter.Flag("contents", true),
              new Parameter.Flag("holding", true),
              new Parameter.Flag("places", false),
              new Parameter.Choice("remember", "feedback", List.of("feedback", "full"))),
          HouseView::new);

  private final String feedback;
  private final boolean contents;
  private final boolean holding;
  private final boolean places;
  private final boolean rememberFull;

  /** Whether the last action was carried out; when not, the note on why is always told. */
  private boolean executed = true;

  private HouseView(ProcessorType.Arguments arguments) {
    feedback = arguments.text("feedback");
    contents = arguments.flag("contents");
    holding = arguments.flag("holding");
    places = arguments.flag("places");
    rememberFull = arguments.text("remember").equals("full");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      executed = result.executed();
      if (rememberFull) {
        String text = render(result.observation(), result.text());
        return new Outcome.Transform(result.withText(text));
      }
    } else if (event instanceof Event.BeforeModel before && !(rememberFull && before.step() > 0)) {
      String text = render(before.observation(), before.lastContent());
      return new Outcome.Transform(before.withLastContent(text));
    }
    return Outcome.PASS;
  }

  private String render(Observation observation, String sentence) {
    List<String> parts = new ArrayList<>();
    if (tells(observation) && !sentence.isEmpty()) {
      parts.add(sentence);
    }
    HouseFacts.of(observation)
        .here()
        .ifPresentOrElse(here -> describe(here, parts), () -> parts.add("you are in the room ."));
    if (holding && !HouseFacts.of(observation).holding().isEmpty()) {
      parts.add("you hold " + String.join(" ", HouseFacts.of(observation).holding()) + " .");
    }
    if (places) {
      parts.add(Notes.list("places", HouseFacts.of(observation).places()));
    }
    return String.join(" ", parts);
  }

  private boolean tells(Observation observation) {
    return switch (feedback) {
      case "always" -> true;
      case "ineffective" -> !executed || !observation.effective();
      default -> !executed;
    };
  }

  private void describe(HouseFacts.Place here, List<String> parts) {
    parts.add("you are at " + here.name() + " .");
    Optional<String> access =
        switch (here.access()) {
          case ALWAYS_OPEN -> Optional.empty();
          case OPEN -> Optional.of("it is open .");
          case CLOSED -> Optional.of("it is closed .");
        };
    access.ifPresent(parts::add);
    if (contents && here.isSearchable()) {
      String seen = here.contents().isEmpty() ? "nothing" : String.join(" ", here.contents());
      parts.add("you see " + seen + " .");
    }
  }
}
