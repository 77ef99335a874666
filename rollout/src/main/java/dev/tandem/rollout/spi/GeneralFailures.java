package dev.tandem.rollout.spi;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Trajectories;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What can be told of any world's episodes without knowing the world. */
public final class GeneralFailures implements FailureTaxonomy {
  /** Below this share of wasted steps an exhausted budget was too small, rather than wasted. */
  private static final double WASTED_SHARE = 0.25;

  /** From so many failures in a row on, a tool fails and is not only being tried. */
  private static final int AGAIN_AND_AGAIN = 3;

  @Override
  public List<FailureCategory> categories() {
    return List.of(
        FailureCategory.INADMISSIBLE_ACTION,
        FailureCategory.REPEATED_ACTION,
        FailureCategory.NO_PROGRESS,
        FailureCategory.TOOL_MISUSE,
        FailureCategory.TOOL_FAILURE,
        FailureCategory.OUT_OF_STEPS,
        FailureCategory.OUT_OF_BUDGET,
        FailureCategory.CONTEXT_EXHAUSTED,
        FailureCategory.PREMATURE_FINISH);
  }

  @Override
  public Reader over(Trajectories trajectories) {
    return trajectory -> scan(trajectory.episode());
  }

  private static SortedMap<FailureCategory, List<Integer>> scan(Episode episode) {
    SortedMap<FailureCategory, List<Integer>> found = new TreeMap<>();
    Set<Deed> deeds = new HashSet<>();
    Map<String, Integer> failing = new HashMap<>();
    int wasted = 0;
    for (Step step : episode.steps()) {
      boolean failed = step.executed() && !step.after().effective();
      failing.put(step.tool(), failed ? failing.getOrDefault(step.tool(), 0) + 1 : 0);
      Optional<FailureCategory> cause = cause(step, deeds, failing);
      if (cause.isPresent()) {
        found.computeIfAbsent(cause.get(), key -> new ArrayList<>()).add(step.index());
        wasted++;
      }
      deeds.add(Deed.of(step));
    }
    if (!episode.steps().isEmpty()) {
      List<Integer> last = List.of(episode.steps().getLast().index());
      ending(episode.exitReason(), wasted, episode.steps().size())
          .ifPresent(category -> found.put(category, last));
    }
    return found;
  }

  private record Deed(String tool, String action, Object situation) {
    static Deed of(Step step) {
      return new Deed(
          step.tool(),
          step.action(),
          step.stateHash().isEmpty() ? step.before().situation() : step.stateHash());
    }
  }

  private static Optional<FailureCategory> cause(
      Step step, Set<Deed> deeds, Map<String, Integer> failing) {
    boolean command = step.tool().equals(ToolUse.COMMAND);
    if (!command && !step.executed()) {
      return Optional.of(FailureCategory.TOOL_MISUSE);
    }
    if (deeds.contains(Deed.of(step))) {
      return Optional.of(FailureCategory.REPEATED_ACTION);
    }
    boolean admitted =
        step.before().admissible().map(known -> known.contains(step.action())).orElse(true);
    if (command && !admitted) {
      return Optional.of(FailureCategory.INADMISSIBLE_ACTION);
    }
    if (!step.executed() || step.after().effective()) {
      return Optional.empty();
    }
    return Optional.of(
        !command && failing.getOrDefault(step.tool(), 0) >= AGAIN_AND_AGAIN
            ? FailureCategory.TOOL_FAILURE
            : FailureCategory.NO_PROGRESS);
  }

  private static Optional<FailureCategory> ending(ExitReason reason, int wasted, int steps) {
    return switch (reason) {
      case FINISHED -> Optional.of(FailureCategory.PREMATURE_FINISH);
      case CONTEXT_OVERFLOW -> Optional.of(FailureCategory.CONTEXT_EXHAUSTED);
      case TOKEN_BUDGET, MONEY_BUDGET, WALL_TIME_BUDGET ->
          Optional.of(FailureCategory.OUT_OF_BUDGET);
      case STEP_BUDGET ->
          wasted < WASTED_SHARE * steps
              ? Optional.of(FailureCategory.OUT_OF_STEPS)
              : Optional.empty();
      case INTERRUPTED,
          MODEL_FAILURE,
          ENVIRONMENT_FAILURE,
          CONTRACT_BREACH,
          CODE_FAILURE,
          PROCESSOR_FAILURE,
          TOOL_FAILURE,
          VERIFIER_FAILURE ->
          Optional.empty();
    };
  }
}
