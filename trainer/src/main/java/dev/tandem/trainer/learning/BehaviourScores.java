package dev.tandem.trainer.learning;

import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.ImportanceCorrection;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The behaviour policy's log-probabilities. Without a correction they are the sampler's own. With
 * one, they are the trainer's, from one forward pass of the weights that sampled a trajectory, when
 * it arrives; kept as long as the trajectory is, across restarts too, and never computed again.
 * What then differs from the sampler's is the sampler's error, which the correction weighs.
 */
final class BehaviourScores {
  /** Turns that are scored in one call. */
  private static final int TURNS_A_CALL = 256;

  private final ImportanceCorrection correction;

  /** By trajectory and then in the order of its turns. */
  private final Map<String, float[]> byTrajectory = new HashMap<>();

  BehaviourScores(ImportanceCorrection correction) {
    this.correction = correction;
  }

  /**
   * @param logProbs {@code [tokens]} of the behaviour policy
   * @param importance {@code [tokens]} weights of the correction
   * @param sampled {@code [tokens]} as the sampler told them
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over to one owner
  record Scores(double[] logProbs, double[] importance, double[] sampled) {}

  /** Whether the log-probabilities are the trainer's own. */
  boolean corrects() {
    return !(correction instanceof ImportanceCorrection.None);
  }

  /**
   * Scores what has arrived, and forgets what has left the buffer.
   *
   * @param policy with the weights that sampled this round's trajectories; they may not be those
   *     that learn
   */
  void receive(int round, List<Trajectory> buffer, Decoder policy) {
    if (!corrects()) {
      return;
    }
    Set<String> held = new HashSet<>();
    for (Trajectory trajectory : buffer) {
      held.add(trajectory.id());
      if (!byTrajectory.containsKey(trajectory.id())) {
        if (trajectory.round() != round) {
          throw new IllegalStateException(
              "trajectory %s of round %d has no log-probabilities by the trainer, and the weights that sampled it are gone: go on from a checkpoint that has %s"
                  .formatted(trajectory.id(), trajectory.round(), GrpoTrainer.BEHAVIOUR_FILE));
        }
        byTrajectory.put(trajectory.id(), score(trajectory, policy));
      }
    }
    byTrajectory.keySet().retainAll(held);
  }

  private static float[] score(Trajectory trajectory, Decoder policy) {
    List<TokenTrace> traces = traces(trajectory);
    float[] scores = new float[traces.stream().mapToInt(TokenTrace::responseLength).sum()];
    int token = 0;
    for (int from = 0; from < traces.size(); from += TURNS_A_CALL) {
      float[] part =
          policy.scoreRecords(
              traces.subList(from, Math.min(traces.size(), from + TURNS_A_CALL)).stream()
                  .map(Lessons::record)
                  .toList());
      System.arraycopy(part, 0, scores, token, part.length);
      token += part.length;
    }
    return scores;
  }

  private static List<TokenTrace> traces(Trajectory trajectory) {
    return trajectory.episode().turns().stream()
        .map(Turn::tokens)
        .filter(trace -> trace.responseLength() > 0)
        .toList();
  }

  Scores of(Trajectory trajectory, int turn) {
    List<Turn> turns = trajectory.episode().turns();
    double[] sampled = doubles(turns.get(turn).tokens().logProbs());
    double[] ours = sampled;
    float[] scores = byTrajectory.get(trajectory.id());
    if (corrects() && scores != null) {
      int from =
          turns.subList(0, turn).stream().mapToInt(one -> one.tokens().responseLength()).sum();
      ours = doubles(Arrays.copyOfRange(scores, from, from + sampled.length));
    }
    double[] weights = correction.weights(ours, sampled);
    if (weights == null) {
      weights = new double[sampled.length];
      Arrays.fill(weights, 1);
    }
    return new Scores(ours, weights, sampled);
  }

  /** Writes what a later round may still need; nothing without a correction. */
  void save(Path file) {
    if (!corrects()) {
      return;
    }
    Map<String, SafetensorsWriter.Tensor> tensors = new HashMap<>();
    byTrajectory.forEach(
        (id, scores) ->
            tensors.put(id, new SafetensorsWriter.Tensor(new long[] {scores.length}, scores)));
    SafetensorsWriter.write(file, tensors, Map.of());
  }

  /** Takes up what was saved. */
  void restore(Path file) {
    if (!corrects() || !Files.exists(file)) {
      return;
    }
    try (Safetensors saved = Safetensors.open(file)) {
      for (String id : new ArrayList<>(saved.entries().keySet())) {
        byTrajectory.put(id, saved.read(id));
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
