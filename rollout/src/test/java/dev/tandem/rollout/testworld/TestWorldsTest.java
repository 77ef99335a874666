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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The worlds can be won as they say. */
final class TestWorldsTest {
  private static final Episode PLAYED =
      new Episode(List.of(), List.of(), List.of(), ExitReason.FINISHED, "");

  private static Observation use(Environment world, String tool, String input) {
    return world.use(new ToolUse("1", tool, input));
  }

  /** Plays as the tools' answers suggest, without looking behind them. */
  private static void solve(Environment world) {
    String goal = world.reset().goal();
    String[] accounts = use(world, "accounts", "{}").text().split(", ", -1);
    Map<String, Integer> held = new TreeMap<>();
    for (String account : accounts) {
      String told = use(world, "balance", "{\"account\": \"%s\"}".formatted(account)).text();
      held.put(account, Integer.parseInt(told.substring(told.lastIndexOf(' ') + 1)));
    }
    String[] words = goal.replace(",", "").split(" ", -1);
    switch (words[0]) {
      case "move" -> transfer(world, words[3], words[5], Integer.parseInt(words[1]));
      case "bring" ->
          transfer(
              world,
              words[8],
              words[1],
              Integer.parseInt(words[4]) - held.getOrDefault(words[1], 0));
      default ->
          world.act(
              held.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey());
    }
    if (!world.isFinished()) {
      world.act("done");
    }
  }

  private static void transfer(Environment world, String from, String to, int amount) {
    String input = "{\"from\": \"%s\", \"to\": \"%s\", \"amount\": %d}".formatted(from, to, amount);
    assertThat(use(world, "transfer", input).effective()).isTrue();
  }

  @Test
  void everyLedgerIsSolvedByItsToolsAndNoneByTheAnswerAlone() {
    LedgerFamily family = new LedgerFamily();
    for (Split split : Split.values()) {
      for (TaskSpec task : family.tasks().tasks(split, 0, family.tasks().available(split, 90))) {
        Environment solved = family.open(task, EpisodeContext.of(1));
        solve(solved);
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
