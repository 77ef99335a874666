package dev.tandem.harness.processor.observability;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.processor.support.Observers;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import java.util.List;
import java.util.Set;

/** Counts what happens in an episode. */
public final class MetricsCollector implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "episode_metrics",
              "Counts steps, calls, blocked and failed ones, tokens and money.",
              "episode_metrics",
              Dimension.OBSERVABILITY,
              Set.of(Hook.AFTER_MODEL, Hook.AFTER_TOOL, Hook.STEP_END, Hook.TASK_END),
              Observers.FIRST,
              List.of(),
              Set.of(),
              List.of(),
              arguments ->
                  new MetricsCollector(arguments.services().require(EpisodeMetrics.Sink.class)))
          .requiring(Requirement.SERVICE);

  private final EpisodeMetrics.Sink sink;
  private int steps;
  private int modelCalls;
  private int toolCalls;
  private int blockedCalls;
  private int failedCalls;
  private int fruitlessCalls;
  private long promptTokens;
  private long responseTokens;
  private double money;

  private MetricsCollector(EpisodeMetrics.Sink sink) {
    this.sink = sink;
  }

  @Override
  public Outcome on(Event event) {
    switch (event) {
      case Event.ModelResponse response -> {
        Model.Usage usage = response.completion().usage();
        modelCalls++;
        promptTokens += usage.promptTokens();
        responseTokens += usage.responseTokens();
        money += usage.money();
      }
      case Event.ToolResult result -> {
        toolCalls++;
        if (!result.executed()) {
          blockedCalls++;
        } else if (result.error()) {
          failedCalls++;
        } else if (!result.observation().effective()) {
          fruitlessCalls++;
        }
      }
      case Event.StepEnd _ -> steps++;
      case Event.TaskEnd end ->
          sink.accept(
              new EpisodeMetrics(
                  steps,
                  modelCalls,
                  toolCalls,
                  blockedCalls,
                  failedCalls,
                  fruitlessCalls,
                  promptTokens,
                  responseTokens,
                  money,
                  end.exitReason()));
      case Event.TaskStart _, Event.StepStart _, Event.BeforeModel _, Event.ToolCall _ -> {}
    }
    return Outcome.PASS;
  }
}
