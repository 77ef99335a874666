package dev.tandem.harness.processor.training;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.processor.support.Observers;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hands every model call to training as it was sampled. A response counts as discarded until an
 * action follows from it, so that one that was asked again, or ended the episode, is told apart.
 */
public final class TrainingBridge implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "training_bridge",
              "Hands the exact tokens and masks of every model call to training.",
              "training_bridge",
              Dimension.TRAINING_BRIDGE,
              Set.of(Hook.AFTER_MODEL, Hook.BEFORE_TOOL, Hook.STEP_END, Hook.TASK_END),
              Observers.FIRST,
              List.of(),
              Set.of(),
              List.of(),
              arguments -> new TrainingBridge(arguments.services().require(TurnRecord.Sink.class)))
          .requiring(Requirement.SERVICE);

  private final Consumer<TurnRecord> turns;
  private Optional<Pending> pending = Optional.empty();

  private record Pending(int step, TokenTrace tokens) {}

  private TrainingBridge(TurnRecord.Sink sink) {
    turns = sink.begin();
  }

  @Override
  public Outcome on(Event event) {
    switch (event) {
      case Event.ModelResponse response -> {
        settle(true);
        pending = Optional.of(new Pending(response.step(), response.completion().tokens()));
      }
      case Event.ToolCall _ -> settle(false);
      // A step without a call: the last response was intercepted.
      case Event.StepEnd _, Event.TaskEnd _ -> settle(true);
      case Event.TaskStart _, Event.StepStart _, Event.BeforeModel _, Event.ToolResult _ -> {}
    }
    return Outcome.PASS;
  }

  private void settle(boolean discarded) {
    pending.ifPresent(turn -> turns.accept(TurnRecord.of(turn.step(), turn.tokens(), discarded)));
    pending = Optional.empty();
  }
}
