package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.Observation;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.Expert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What environments show of their state, and what they do with it. */
final class StateChecks {
  private static final Duration AT_ONCE = Duration.ofMillis(100);
  private static final int AHEAD = 5;

  private StateChecks() {}

  static void reset(Subject subject, Findings findings) {
    for (TaskSpec task : subject.tasks()) {
      try (Environment world = subject.open(task)) {
        Observation first = world.reset();
        findings.expect(
            !world.isFinished(), "task '%s' is over before anything is done", task.id());
        findings.expect(
            !first.goal().isBlank(), "task '%s' does not say what its goal is", task.id());
        findings.expect(
            !first.text().isBlank() || !first.facts().isEmpty(),
            "task '%s' shows nothing after its reset",
            task.id());
        findings.expect(first.effective(), "task '%s' says that its reset did nothing", task.id());
      }
    }
  }

  static void admissible(Subject subject, Findings findings) {
    boolean declared = subject.capabilities().admissibleActions();
    subject.afterPlay(
        (world, play) -> {
          for (Play.Moment moment : play.moments()) {
            findings.expect(
                declared == moment.observation().admissible().isPresent() || moment.finished(),
                "task '%s' %s admissible commands, which are %s",
                play.task().id(),
                declared ? "does not tell its" : "tells",
                declared ? "declared" : "not declared");
          }
          if (declared) {
            carriedOut(play, findings);
          }
        });
    if (declared) {
      for (TaskSpec task : subject.fewTasks()) {
        try (Environment world = subject.open(task)) {
          changesNothing(task, world, findings);
        }
      }
    }
  }

  private static void carriedOut(Play play, Findings findings) {
    for (int i = 0; i < play.deeds().size(); i++) {
      Deed deed = play.deeds().get(i);
      List<String> commands = play.moments().get(i).observation().commands();
      findings.expect(
          new HashSet<>(commands).size() == commands.size(),
          "task '%s' tells an admissible command twice: %s",
          play.task().id(),
          commands);
      if (deed.isCommand()) {
        boolean told = commands.contains(deed.input());
        findings.expect(
            told == play.moments().get(i + 1).observation().effective(),
            "task '%s' %s %s, which it %s as admissible",
            play.task().id(),
            told ? "does not carry out" : "carries out",
            deed,
            told ? "tells" : "does not tell");
      }
    }
  }

  private static void changesNothing(TaskSpec task, Environment world, Findings findings) {
    Play.Moment before = Play.Moment.of(world, world.reset());
    Play.Moment after = Play.Moment.of(world, world.act(RandomPlayer.NONSENSE));
    findings.expect(
        !after.observation().effective(),
        "task '%s' says that '%s' did something, which is not admissible",
        task.id(),
        RandomPlayer.NONSENSE);
    findings.expect(
        after.observation().admissible().equals(before.observation().admissible())
            && after.hash().equals(before.hash())
            && !after.finished(),
        "in task '%s' the inadmissible '%s' changed the state",
        task.id(),
        RandomPlayer.NONSENSE);
  }

  static void stateHash(Subject subject, Findings findings) {
    boolean declared = subject.capabilities().stateHash();
    subject.afterPlay(
        (world, play) -> {
          String task = play.task().id();
          findings.expect(
              play.moments().stream().allMatch(moment -> moment.hash().isPresent() == declared),
              "task '%s' %s its state's hash, which is %s",
              task,
              declared ? "does not tell" : "tells",
              declared ? "declared" : "not declared");
          if (declared) {
            findings.expect(
                world.stateHash().equals(world.stateHash()),
                "task '%s' tells another hash when it is asked again",
                task);
            sameHashSameState(play, findings);
            noEffectSameHash(play, findings);
          }
        });
  }

  /** Facts and admissible commands are told of the state: equal states show equal ones. */
  private static void sameHashSameState(Play play, Findings findings) {
    Map<String, Play.Moment> seen = new HashMap<>();
    for (Play.Moment moment : play.moments()) {
      Play.Moment other = seen.putIfAbsent(moment.hash().orElse(""), moment);
      findings.expect(
          other == null
              || (other.finished() == moment.finished()
                  && other.observation().facts().equals(moment.observation().facts())
                  && other.observation().admissible().equals(moment.observation().admissible())),
          "task '%s' tells one hash of states with different facts, commands or end",
          play.task().id());
    }
  }

  private static void noEffectSameHash(Play play, Findings findings) {
    for (int i = 0; i < play.deeds().size(); i++) {
      Play.Moment after = play.moments().get(i + 1);
      findings.expect(
          after.observation().effective() || after.hash().equals(play.moments().get(i).hash()),
          "in task '%s' %s did nothing and the state's hash is another",
          play.task().id(),
          play.deeds().get(i));
    }
  }

  static void replay(Subject subject, Findings findings) {
    if (!subject.capabilities().replayable()) {
      return;
    }
    for (TaskSpec task : subject.fewTasks()) {
      try (Environment world = subject.open(task);
          Environment again = subject.open(task)) {
        Play first = Play.of(task, world, subject.player(task, world), subject.limit(task));
        compare(first, world.verify(first.episode()), again, subject, findings);
      }
      Optional<Expert> expert = subject.family().expert(task);
      if (expert.isPresent()) {
        try (Environment world = subject.open(task);
            Environment again = subject.open(task)) {
          Play first =
              Play.of(task, world, OutcomeChecks.player(expert.get()), subject.limit(task));
          compare(first, world.verify(first.episode()), again, subject, findings);
        }
      }
    }
  }

  private static void compare(
      Play first, Verdict verdict, Environment again, Subject subject, Findings findings) {
    TaskSpec task = first.task();
    Play second = Play.of(task, again, Play.script(first.deeds()), subject.limit(task));
    Optional<String> difference = first.difference(second);
    difference.ifPresent(
        what ->
            findings.add(
                "task '%s' was played twice alike with equal seeds, and %s", task.id(), what));
    findings.expect(
        difference.isPresent() || again.verify(second.episode()).equals(verdict),
        "task '%s' was played twice alike and judged differently",
        task.id());
  }

  static void snapshots(Subject subject, Findings findings) {
    for (TaskSpec task : subject.fewTasks()) {
      try (Environment world = subject.open(task)) {
        if (subject.capabilities().snapshots()) {
          restore(subject, task, world, findings);
        } else {
          world.reset();
          findings.expect(
              refuses(world),
              "task '%s' gives a snapshot, and the family declares none",
              task.id());
        }
      }
    }
  }

  private static boolean refuses(Environment world) {
    try {
      world.snapshot();
      return false;
    } catch (UnsupportedOperationException expected) {
      return true;
    }
  }

  /** Plays on from a moment, goes back to it, and plays the same again. */
  private static void restore(
      Subject subject, TaskSpec task, Environment world, Findings findings) {
    RandomPlayer player = subject.player(task, world);
    Play begun = Play.of(task, world, player, Math.max(1, subject.limit(task) / 3));
    Play.Moment middle = begun.moments().getLast();
    Environment.Snapshot snapshot = world.snapshot();
    Play on = Play.on(task, world, middle.observation(), player, AHEAD);
    world.restore(snapshot);
    findings.expect(
        world.isFinished() == middle.finished() && world.stateHash().equals(middle.hash()),
        "task '%s' was restored after %d steps more, and its state's hash or end is another",
        task.id(),
        on.deeds().size());
    if (subject.capabilities().replayable()) {
      Play again =
          Play.on(task, world, middle.observation(), Play.script(on.deeds()), on.deeds().size());
      on.difference(again)
          .ifPresent(
              what ->
                  findings.add("task '%s' was restored and played alike, and %s", task.id(), what));
    }
  }

  static void isolation(Subject subject, Findings findings) {
    boolean replayable = subject.capabilities().replayable();
    if (!replayable && !subject.capabilities().stateHash()) {
      return;
    }
    for (TaskSpec task : subject.fewTasks()) {
      try (Environment still = subject.open(task);
          Environment world = subject.open(task)) {
        Observation first = still.reset();
        Optional<String> before = still.stateHash();
        Play play = Play.of(task, world, subject.player(task, world), subject.limit(task));
        findings.expect(
            still.stateHash().equals(before) && !still.isFinished(),
            "an environment of task '%s' changed while another was played",
            task.id());
        if (replayable) {
          play.difference(
                  Play.on(task, still, first, Play.script(play.deeds()), play.deeds().size()))
              .ifPresent(
                  what ->
                      findings.add(
                          "environments of task '%s' that were open at once differ: %s",
                          task.id(), what));
        }
      }
    }
  }

  static void instant(Subject subject, Findings findings) {
    if (!subject.capabilities().instant()) {
      return;
    }
    List<Long> taken = new ArrayList<>();
    for (TaskSpec task : subject.fewTasks()) {
      Play play = subject.playByChance(task);
      try (Environment world = subject.open(task)) {
        world.reset();
        for (Deed deed : play.deeds()) {
          long begun = System.nanoTime();
          deed.in(world);
          taken.add(System.nanoTime() - begun);
        }
      }
    }
    taken.sort(null);
    Duration usual = Duration.ofNanos(taken.isEmpty() ? 0 : taken.get(taken.size() / 2));
    findings.expect(
        usual.compareTo(AT_ONCE) < 0,
        "it declares to answer at once and usually takes %d ms",
        usual.toMillis());
  }
}
