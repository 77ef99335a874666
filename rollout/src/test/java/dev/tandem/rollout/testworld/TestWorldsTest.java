package dev.tandem.rollout.testworld;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The worlds can be won as they say. */
final class TestWorldsTest {
  private static final Episode PLAYED =
      new Episode(List.of(), List.of(), List.of(), ExitReason.FINISHED, "");

  private static void solve(Environment world, Expert expert) {
    expert.observe(world.reset());
    while (!world.isFinished()) {
      Expert.Move move = expert.act();
      if (move.toolUses().isEmpty()) {
        expert.observe(world.act(move.text()));
      }
      for (ToolUse use : move.toolUses()) {
        Observation answer = world.use(use);
        assertThat(answer.effective()).isTrue();
        expert.observe(answer);
      }
    }
  }

  @Test
  void everyLedgerIsSolvedByItsToolsAndNoneByTheAnswerAlone() {
    LedgerFamily family = new LedgerFamily();
    for (Split split : Split.values()) {
      for (TaskSpec task : family.tasks().tasks(split, 0, family.tasks().available(split, 90))) {
        Environment solved = family.open(task, EpisodeContext.of(1));
        solve(solved, family.expert(task).orElseThrow());
        Environment idle = family.open(task, EpisodeContext.of(1));
        idle.reset();
        idle.act("done");

        assertThat(solved.verify(PLAYED).success()).as(task.key()).isTrue();
        assertThat(idle.verify(PLAYED).success()).as(task.key()).isFalse();
      }
    }
  }

  @Test
  void aPondIsFishedWithPatienceAndLetGo() {
    PondFamily family = new PondFamily(Duration.ZERO);
    TaskSpec task = family.tasks().tasks(Split.GATE, 0, 1).getFirst();
    try (Environment world = family.open(task, EpisodeContext.of(1))) {
      world.reset();
      while (!world.isFinished()) {
        world.act("cast");
      }
      assertThat(world.verify(PLAYED).success()).isTrue();
      assertThat(family.openNow()).isEqualTo(1);
    }
    assertThat(family.openNow()).isZero();
  }
}
