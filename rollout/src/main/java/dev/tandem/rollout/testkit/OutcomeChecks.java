package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.tool.InputSchema;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** How episodes are judged. */
final class OutcomeChecks {
  private OutcomeChecks() {}

  static Play.Player player(Expert expert) {
    Deque<Deed> ahead = new ArrayDeque<>();
    return (step, observation) -> {
      expert.observe(observation);
      if (ahead.isEmpty()) {
        ahead.addAll(Deed.of(expert.act()));
      }
      return Optional.of(ahead.remove());
    };
  }

  static void expert(Subject subject, Findings findings) {
    for (TaskSpec task : subject.tasks()) {
      Optional<Expert> expert = subject.family().expert(task);
      if (expert.isPresent()) {
        try (Environment world = subject.open(task)) {
          Play play = Play.of(task, world, player(expert.get()), task.stepLimit());
          findings.expect(
              play.finished() && world.verify(play.episode()).success(),
              "the expert does not solve task '%s' within its %d steps",
              task.id(),
              task.stepLimit());
          inadmissible(play)
              .ifPresent(
                  deed ->
                      findings.add(
                          "the expert does %s in task '%s', which is not admissible there",
                          deed, task.id()));
          toolsUsed(play, world.tools(), findings);
        }
      }
    }
  }

  private static Optional<Deed> inadmissible(Play play) {
    for (int i = 0; i < play.deeds().size(); i++) {
      Observation before = play.moments().get(i).observation();
      Deed deed = play.deeds().get(i);
      if (deed.isCommand()
          && before.admissible().isPresent()
          && !before.commands().contains(deed.input())) {
        return Optional.of(deed);
      }
    }
    return Optional.empty();
  }

  /** The run loop refuses the use of a tool that is not there, or with another input. */
  private static void toolsUsed(Play play, List<ToolSpec> tools, Findings findings) {
    for (Deed deed : play.deeds()) {
      if (!deed.isCommand()) {
        Optional<ToolSpec> used =
            tools.stream().filter(tool -> tool.name().equals(deed.tool())).findFirst();
        findings.expect(
            used.isPresent(),
            "the expert uses the tool '%s' in task '%s', which has none of that name",
            deed.tool(),
            play.task().id());
        findings.expect(
            used.isEmpty() || InputSchema.of(used.get()).problems(deed.input()).isEmpty(),
            "the expert gives the tool '%s' in task '%s' what its schema does not allow: %s",
            deed.tool(),
            play.task().id(),
            deed.input());
      }
    }
  }

  static void idle(Subject subject, Findings findings) {
    for (TaskSpec task : subject.tasks()) {
      try (Environment world = subject.open(task)) {
        Play nothing = Play.of(task, world, Play.script(List.of()), 1);
        findings.expect(
            !world.verify(nothing.episode()).success(),
            "task '%s' is solved by doing nothing",
            task.id());
      }
    }
  }

  static void verdict(Subject subject, Findings findings) {
    subject.afterPlay(
        (world, play) -> {
          Optional<String> before = world.stateHash();
          Verdict verdict = world.verify(play.episode());
          verdict
              .components()
              .forEach(
                  (name, value) ->
                      findings.expect(
                          value >= 0 && value <= 1,
                          "component '%s' of the verdict on task '%s' must be in [0, 1], was %s",
                          name,
                          play.task().id(),
                          value));
          findings.expect(
              world.verify(play.episode()).equals(verdict),
              "task '%s' was judged twice after one episode, and differently",
              play.task().id());
          findings.expect(
              world.stateHash().equals(before),
              "judging task '%s' changed its state",
              play.task().id());
        });
  }

  static void taxonomy(Subject subject, Findings findings) {
    FailureTaxonomy taxonomy = subject.family().failures();
    List<Trajectory> failed = new ArrayList<>();
    subject.afterPlay(
        (world, play) -> {
          Verdict verdict = world.verify(play.episode());
          if (!verdict.success()) {
            failed.add(trajectory(failed.size(), play, verdict));
          }
        });
    FailureTaxonomy.Reader reader = taxonomy.over(failed::forEach);
    for (Trajectory trajectory : failed) {
      SortedMap<FailureCategory, List<Integer>> found = reader.failures(trajectory);
      String task = trajectory.task().id();
      int steps = trajectory.episode().steps().size();
      found.forEach(
          (category, where) -> {
            findings.expect(
                taxonomy.categories().contains(category),
                "an episode of task '%s' failed by '%s', which the taxonomy does not list",
                task,
                category);
            findings.expect(
                where.stream().allMatch(step -> step >= 0 && step < steps),
                "an episode of task '%s' failed by '%s' in steps %s, and had %d",
                task,
                category,
                where,
                steps);
          });
    }
  }

  private static Trajectory trajectory(int index, Play play, Verdict verdict) {
    return new Trajectory(
        "contract-" + index,
        Phase.EVALUATION,
        0,
        play.task(),
        "0".repeat(64),
        "contract",
        index,
        play.episode(),
        verdict);
  }
}
