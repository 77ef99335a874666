package dev.tandem.rollout.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.testworld.LedgerFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** What is told of a world of tools that brings no taxonomy, expert or vocabulary of its own. */
final class GeneralFailuresTest {
  private static final LedgerFamily LEDGER = new LedgerFamily();
  private static final TaskSpec TASK = LEDGER.tasks().tasks(Split.TRAIN, 0, 1).getFirst();

  private final Environment world = LEDGER.open(TASK, EpisodeContext.of(1));
  private final List<Step> steps = new ArrayList<>();
  private Observation seen = world.reset();

  private GeneralFailuresTest use(String tool, String input) {
    Observation after = world.use(new ToolUse("", tool, input));
    return step(tool, input, true, after);
  }

  private GeneralFailuresTest balanceOf(String account) {
    return use("balance", "{\"account\": \"%s\"}".formatted(account));
  }

  private GeneralFailuresTest say(String text) {
    return step(ToolUse.COMMAND, text, true, world.act(text));
  }

  private GeneralFailuresTest refused(String tool, String input) {
    return step(tool, input, false, seen);
  }

  private GeneralFailuresTest step(String tool, String input, boolean executed, Observation after) {
    steps.add(
        new Step(
            steps.size(), seen, world.stateHash().orElseThrow(), tool, input, executed, after));
    seen = after;
    return this;
  }

  private SortedMap<FailureCategory, List<Integer>> failures(ExitReason reason) {
    Episode episode = new Episode(List.of(), steps, List.of(), reason, "");
    Trajectory failed =
        new Trajectory("t", Phase.TRAIN, 0, TASK, "h", "test", 1, episode, world.verify(episode));
    assertThat(failed.verdict().success()).isFalse();
    SortedMap<FailureCategory, List<Integer>> found =
        LEDGER.failures().over(List.of(failed)::forEach).failures(failed);
    assertThat(LEDGER.failures().categories()).containsAll(found.keySet());
    return found;
  }

  @Test
  void aWrongAnswerIsAPrematureFinish() {
    assertThat(use("accounts", "{}").say("nobody").failures(ExitReason.FINISHED))
        .containsOnlyKeys(FailureCategory.PREMATURE_FINISH)
        .containsEntry(FailureCategory.PREMATURE_FINISH, List.of(1));
  }

  @Test
  void inputThatAToolDoesNotTakeIsMisuse() {
    assertThat(
            refused("balance", "{}")
                .refused("banlance", "{}")
                .use("accounts", "{}")
                .failures(ExitReason.STEP_BUDGET))
        .containsOnlyKeys(FailureCategory.TOOL_MISUSE)
        .containsEntry(FailureCategory.TOOL_MISUSE, List.of(0, 1));
  }

  @Test
  void whatDoesNothingIsNoProgressAndTheSameAgainRepetition() {
    assertThat(
            balanceOf("zoe")
                .use("accounts", "{}")
                .use("accounts", "{}")
                .balanceOf("zoe")
                .failures(ExitReason.INTERRUPTED))
        .containsOnlyKeys(FailureCategory.NO_PROGRESS, FailureCategory.REPEATED_ACTION)
        .containsEntry(FailureCategory.NO_PROGRESS, List.of(0))
        .containsEntry(FailureCategory.REPEATED_ACTION, List.of(2, 3));
  }

  @Test
  void aToolThatFailsAgainAndAgainIsTheToolsFailure() {
    assertThat(
            balanceOf("zoe")
                .balanceOf("yves")
                .balanceOf("xena")
                .balanceOf("walt")
                .failures(ExitReason.STEP_BUDGET))
        .containsOnlyKeys(FailureCategory.NO_PROGRESS, FailureCategory.TOOL_FAILURE)
        .containsEntry(FailureCategory.NO_PROGRESS, List.of(0, 1))
        .containsEntry(FailureCategory.TOOL_FAILURE, List.of(2, 3));
  }

  @Test
  void aSuccessBetweenStartsTheCountAnew() {
    String known = world.use(new ToolUse("", "accounts", "{}")).text().split(",", -1)[0];

    assertThat(
            balanceOf("zoe")
                .balanceOf("yves")
                .balanceOf(known)
                .balanceOf("xena")
                .failures(ExitReason.INTERRUPTED))
        .containsOnlyKeys(FailureCategory.NO_PROGRESS)
        .containsEntry(FailureCategory.NO_PROGRESS, List.of(0, 1, 3));
  }

  @Test
  void budgetsAndContextAreBlamedOnTheLastStep() {
    use("accounts", "{}");

    assertThat(failures(ExitReason.STEP_BUDGET))
        .containsOnlyKeys(FailureCategory.OUT_OF_STEPS)
        .containsEntry(FailureCategory.OUT_OF_STEPS, List.of(0));
    assertThat(failures(ExitReason.MONEY_BUDGET)).containsOnlyKeys(FailureCategory.OUT_OF_BUDGET);
    assertThat(failures(ExitReason.CONTEXT_OVERFLOW))
        .containsOnlyKeys(FailureCategory.CONTEXT_EXHAUSTED);
    assertThat(failures(ExitReason.ENVIRONMENT_FAILURE)).isEmpty();
  }
}
