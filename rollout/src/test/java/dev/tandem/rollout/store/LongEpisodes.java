package dev.tandem.rollout.store;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Made-up episodes of an agent with a language model's vocabulary, whose every prompt repeats all
 * that came before it: 300 tokens a step, 40 of them its own.
 */
final class LongEpisodes {
  private static final int VOCABULARY = 32_000;
  private static final int OBSERVED = 260;
  private static final int ANSWERED = 40;

  private LongEpisodes() {}

  static TaskSpec task(String id) {
    return new TaskSpec("errands", id, "fetch", Split.TRAIN, "0123456789abcdef", 500);
  }

  static FailedEpisode broken(String id, int round) {
    return new FailedEpisode(
        id,
        Phase.TRAIN,
        round,
        task("b-1"),
        "beef".repeat(16),
        "round-0001",
        -5,
        ExitReason.ENVIRONMENT_FAILURE,
        "the server hung up",
        3);
  }

  static Trajectory played(String id, int round, int steps, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Turn> turns = new ArrayList<>();
    List<Step> done = new ArrayList<>();
    List<Trigger> triggers = new ArrayList<>();
    List<Message> history = new ArrayList<>();
    history.add(Message.system("You run errands. Answer with one command."));
    int[] prompt = tokens(random, 50);
    Observation before = observation(random, 0);
    for (int step = 0; step < steps; step++) {
      prompt = joined(prompt, tokens(random, OBSERVED));
      int[] response = tokens(random, ANSWERED);
      float[] logProbs = new float[ANSWERED];
      for (int i = 0; i < ANSWERED; i++) {
        logProbs[i] = (float) Math.log(random.nextDouble());
      }
      history.add(Message.user(before.text()));
      List<Message> seen = new ArrayList<>(history);
      // What a processor adds for this call only; the history keeps what the world said.
      seen.set(seen.size() - 1, Message.user(before.text() + "\nSteps left: " + (steps - step)));
      String answer = "go to place " + random.nextInt(100);
      turns.add(
          new Turn(
              step,
              "feed".repeat(16),
              seen,
              answer,
              new TokenTrace(prompt, response, logProbs, new int[0][]),
              false));
      history.add(Message.assistant(answer));
      Observation after = observation(random, step + 1);
      done.add(new Step(step, before, "state " + step, answer, true, after));
      triggers.add(new Trigger(step, Hook.BEFORE_MODEL, "step_budget", "messages"));
      prompt = joined(prompt, response);
      before = after;
    }
    return new Trajectory(
        id,
        Phase.TRAIN,
        round,
        task("a-" + seed),
        "feed".repeat(16),
        "round-0001",
        seed,
        new Episode(turns, done, triggers, ExitReason.STEP_BUDGET, ""),
        new Verdict(
            seed % 2 == 0,
            seed % 2 == 0 ? 1 : 0,
            1,
            new TreeMap<>(Map.of("fetched", 0.5)),
            List.of()));
  }

  private static Observation observation(SplittableRandom random, int step) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("place", "place " + random.nextInt(100));
    tree.put("time", step);
    tree.put("shops", List.of(Map.of("name", "baker", "open", true), Map.of("name", "smith")));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < OBSERVED; i++) {
      text.append("w").append(random.nextInt(VOCABULARY)).append(' ');
    }
    return new Observation(
        "fetch the bread",
        text.toString(),
        new Facts(tree),
        true,
        Optional.of(List.of("go to place 1", "wait")));
  }

  private static int[] tokens(SplittableRandom random, int count) {
    return random.ints(count, 0, VOCABULARY).toArray();
  }

  private static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
