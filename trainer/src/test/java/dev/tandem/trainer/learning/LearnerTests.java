package dev.tandem.trainer.learning;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.Lag;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;

/** A small policy, what it may have said, and a trainer for it. */
abstract class LearnerTests {
  static final String GOOD = "go to shelf 1";

  static final String BAD = "look at mug 2";

  static final List<Message> MESSAGES = List.of(Message.user("you are in a room ."));

  static final List<TaskSpec> TASKS = new HouseFamily().tasks().tasks(Split.TRAIN, 0, 4);

  final Policy policy = Tiny.policy(9);

  final Policy reference = policy.copy();

  @AfterEach
  void free() {
    policy.close();
    reference.close();
  }

  static TrainRecord record(Policy policy, String response) {
    return TrainRecord.unconstrained(
        policy.format().prompt(MESSAGES), policy.format().response(response));
  }

  static double logProb(Policy policy, String response) {
    double sum = 0;
    for (float logProb : policy.decoder().scoreRecords(List.of(record(policy, response)))) {
      sum += logProb;
    }
    return sum;
  }

  static Trajectory trajectory(
      Policy policy, TaskSpec task, String harness, String response, double reward) {
    return trajectory(
        "t", task, harness, reward, ExitReason.FINISHED, List.of(turn(policy, response)));
  }

  static Trajectory trajectory(
      String id, TaskSpec task, String harness, double reward, ExitReason exit, List<Turn> turns) {
    return new Trajectory(
        id,
        Phase.TRAIN,
        1,
        task,
        harness,
        "round-0000",
        1,
        new Episode(turns, List.of(), List.of(), exit, ""),
        new Verdict(reward == 1, reward, reward, new TreeMap<>(), List.of()));
  }

  static Turn turn(Policy policy, String response) {
    return turn(policy, record(policy, response), false);
  }

  static Turn turn(Policy policy, TrainRecord record, boolean discarded) {
    return turn(record, policy.decoder().scoreRecords(List.of(record)), discarded);
  }

  static Turn turn(TrainRecord record, float[] logProbs, boolean discarded) {
    TokenTrace tokens =
        new TokenTrace(record.prompt(), record.response(), logProbs, record.allowed());
    return new Turn(0, "h", MESSAGES, "", tokens, discarded);
  }

  static List<Trajectory> group(Policy policy) {
    return List.of(
        trajectory(policy, TASKS.get(0), "h", GOOD, 1),
        trajectory(policy, TASKS.get(0), "h", BAD, 0));
  }

  static OptimiserSettings settings(int steps, int passes, int warmUpRounds) {
    return new OptimiserSettings(1e-3, 0, 0.9, 0.95, 1, steps, passes, warmUpRounds);
  }

  GrpoTrainer trainer(Policy learner, GrpoSettings grpo, OptimiserSettings optimiser) {
    return trainer(learner, grpo, optimiser, Lag.NONE);
  }

  GrpoTrainer trainer(Policy learner, GrpoSettings grpo, OptimiserSettings optimiser, Lag lag) {
    return new GrpoTrainer(
        learner.decoder(),
        reference.decoder()::scoreRecords,
        Tiny.optimiser(learner),
        grpo,
        optimiser,
        /* rounds= */ 10,
        /* episodeTokens= */ 100,
        Kernels.best(),
        5,
        lag);
  }

  GrpoTrainer trainer(OptimiserSettings optimiser) {
    return trainer(policy, GrpoSettings.DEFAULTS, optimiser);
  }

  static LearningMetrics learn(GrpoTrainer trainer, List<Trajectory> buffer) {
    return trainer.learn(1, buffer, count -> {});
  }

  static OptimiserSettings microbatches(int tokens) {
    return new OptimiserSettings(
        1e-3,
        0,
        0.9,
        0.95,
        1,
        1,
        1,
        0,
        OptimiserSettings.Schedule.CONSTANT,
        tokens,
        /* recomputeLayers= */ false,
        /* packing= */ true);
  }

  /** A group whose sampler took every token to be {@code error} likelier than the trainer does. */
  static List<Trajectory> missampled(Policy policy, double error) {
    List<Trajectory> group = new ArrayList<>();
    for (String response : List.of(GOOD, BAD)) {
      TrainRecord record = record(policy, response);
      float[] logProbs = policy.decoder().scoreRecords(List.of(record));
      for (int token = 0; token < logProbs.length; token++) {
        logProbs[token] += (float) error;
      }
      group.add(
          trajectory(
              response,
              TASKS.get(0),
              "h",
              response.equals(GOOD) ? 1 : 0,
              ExitReason.FINISHED,
              List.of(turn(record, logProbs, false))));
    }
    return group;
  }
}
