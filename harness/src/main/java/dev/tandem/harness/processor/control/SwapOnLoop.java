package dev.tandem.harness.processor.control;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Once the same thing was done in the same situation too often, asks to go on under another harness
 * version: one that is known by name, or the present one with a further processor in it.
 */
public final class SwapOnLoop implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "swap_on_loop",
              "On a loop, goes on under another harness version, by default the present one with"
                  + " decision forcing.",
              "swap_on_loop",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.AFTER_TOOL, Hook.STEP_END),
              ProcessorType.POST,
              List.of(),
              Set.of(FailureCategory.REPEATED_ACTION),
              List.of(
                  new Parameter.Count("repeats", 2, 1, 10),
                  new Parameter.Text("processor", "decision_forcing"),
                  new Parameter.Text("version", "")),
              SwapOnLoop::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final int repeats;
  private final SwapRequest.Target target;
  private final Map<Deed, Integer> deeds = new HashMap<>();

  /** What was done too often, until the wish is uttered. */
  private Optional<String> loop = Optional.empty();

  private boolean asked;

  private SwapOnLoop(ProcessorType.Arguments arguments) {
    repeats = arguments.count("repeats");
    String version = arguments.text("version");
    target =
        version.isEmpty()
            ? new SwapRequest.Target.Edited(
                new HarnessEdit.Insert(ProcessorSpec.of(arguments.text("processor"))))
            : new SwapRequest.Target.Version(version);
  }

  /** A call in the situation it was made in. */
  private record Deed(
      String tool, String input, Optional<Observation.Place> here, List<String> holding) {
    Deed(Event.ToolCall call) {
      this(call.tool(), call.input(), call.observation().here(), call.observation().holding());
    }
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result
        && deeds.merge(new Deed(result.call()), 1, Integer::sum) > repeats) {
      loop = Optional.of(result.call().input());
    } else if (event instanceof Event.StepEnd && loop.isPresent() && !asked) {
      asked = true;
      return Outcome.passAndSwap(
          new SwapRequest(
              target,
              "'%s' was tried more than %d times in the same situation"
                  .formatted(loop.get(), repeats)));
    }
    return Outcome.PASS;
  }
}
