package dev.tandem.harness.processor.observability;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.value.Bystander;
import java.util.function.Consumer;

/**
 * One episode in numbers.
 *
 * @param modelCalls discarded ones included
 * @param toolCalls commands and uses of tools
 * @param blockedCalls those that were not carried out
 * @param failedCalls those whose tool failed
 * @param fruitlessCalls those that were carried out and changed nothing
 * @param money in the currency of the prices
 */
public record EpisodeMetrics(
    int steps,
    int modelCalls,
    int toolCalls,
    int blockedCalls,
    int failedCalls,
    int fruitlessCalls,
    long promptTokens,
    long responseTokens,
    double money,
    ExitReason exitReason) {

  /** Takes the metrics of every episode, from many threads at once: a service. */
  @FunctionalInterface
  public interface Sink extends Consumer<EpisodeMetrics>, Bystander {}
}
