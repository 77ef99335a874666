package dev.tandem.trainer.cli;

import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceStore;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which of a run's episodes are meant. */
final class TraceFilter {
  @Option(names = "--phase", description = "Only of ${COMPLETION-CANDIDATES}.")
  private @Nullable Phase phase;

  @Option(names = "--round", description = "Only of this round.")
  private @Nullable Integer round;

  @Option(names = "--task", description = "Only of this task, by its id with or without family.")
  private @Nullable String task;

  @Option(names = "--category", description = "Only of this kind of task.")
  private @Nullable String category;

  @Option(names = "--harness", description = "Only under this version: its hash's beginning.")
  private @Nullable String harness;

  @Option(
      names = "--failure",
      paramLabel = "CATEGORY",
      description = "Only with this kind of failure, such as repeated_action.")
  private @Nullable String failure;

  @ArgGroup(exclusive = true)
  private final Ending ending = new Ending();

  private static final class Ending {
    @Option(names = "--success", description = "Only successes.")
    private boolean success;

    @Option(names = "--failed", description = "Only what was judged no success.")
    private boolean failed;

    @Option(names = "--broken", description = "Only what failed for reasons outside the agent.")
    private boolean broken;
  }

  /**
   * @throws UserException when a word is none that the run knows
   */
  TraceQuery query(TraceStore store) {
    TraceQuery query = TraceQuery.ALL;
    if (phase != null) {
      query = query.withPhase(phase);
    }
    if (round != null) {
      Numbers.atLeast("--round", round, 0);
      query = query.withRound(round);
    }
    if (task != null) {
      query = query.withTask(task);
    }
    if (harness != null) {
      query = query.withHarness(harness);
    }
    if (category != null) {
      List<String> known = store.categories();
      query = query.withCategory(TracesVerb.known("--category", category, known));
    }
    if (failure != null) {
      query = query.withFailure(TracesVerb.known("--failure", failure, store.failures()));
    }
    if (ending.success) {
      query = query.withOutcome(TraceQuery.Outcome.SUCCESS);
    } else if (ending.failed) {
      query = query.withOutcome(TraceQuery.Outcome.FAILED);
    } else if (ending.broken) {
      query = query.withOutcome(TraceQuery.Outcome.BROKEN);
    }
    return query;
  }
}
