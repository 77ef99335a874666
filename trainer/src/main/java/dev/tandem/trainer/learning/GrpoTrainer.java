package dev.tandem.trainer.learning;

import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.LearningRateSchedule;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * Cross-harness GRPO (HarnessX, section 5): trajectories of a task are compared whatever harness
 * and checkpoint produced them, and each turn is scored under the very prompt it was sampled under.
 * The objective is a pure function of log-probabilities; this class feeds it and carries its
 * gradient into the weights.
 */
public final class GrpoTrainer {
  /** The optimiser's state in a checkpoint's folder. */
  public static final String OPTIMISER_FILE = RunFiles.OPTIMISER;

  /**
   * Records of a round on which the distance to the reference is measured when it is not part of
   * the loss.
   */
  private static final int REFERENCE_SAMPLE = 256;

  private final Decoder policy;
  private final ReferencePolicy reference;
  private final Optimiser optimiser;
  private final GrpoSettings grpo;
  private final OptimiserSettings settings;
  private final LearningRateSchedule learningRates;
  private final Kernels kernels;
  private final long seed;

  /**
   * @param rounds of the whole run, where a falling learning rate ends
   */
  public GrpoTrainer(
      Decoder policy,
      ReferencePolicy reference,
      Optimiser optimiser,
      GrpoSettings grpo,
      OptimiserSettings settings,
      int rounds,
      Kernels kernels,
      long seed) {
    this.policy = policy;
    this.reference = reference;
    this.optimiser = optimiser;
    this.grpo = grpo;
    this.settings = settings;
    this.learningRates = settings.learningRates(rounds);
    this.kernels = kernels;
    this.seed = seed;
  }

  /** A turn to learn from, with its trajectory's advantage. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never exposed
  private record Lesson(TrainRecord record, float[] behaviourLogProbs, double advantage) {}

  /**
   * Updates the weights from the replay buffer.
   *
   * @param round counted from 1; decides the order of the records and the learning rate
   * @param progress told the number of records that have just been learnt from
   */
  public LearningMetrics learn(int round, List<Trajectory> buffer, IntConsumer progress) {
    Advantages advantages =
        Advantages.compute(
            buffer.stream()
                .map(
                    trajectory ->
                        new RewardedTrajectory(
                            trajectory.task().key(), trajectory.harnessHash(), trajectory.reward()))
                .toList(),
            grpo.advantage(),
            kernels);
    List<Lesson> lessons = lessons(buffer, advantages);
    LearningMetrics.Builder metrics =
        new LearningMetrics.Builder(advantages.zeroVarianceFraction());
    for (int pass = 0; pass < settings.passes(); pass++) {
      List<Lesson> shuffled = new ArrayList<>(lessons);
      Collections.shuffle(shuffled, new Random(RandomStreams.derive(seed, "records", round, pass)));
      for (int step = 0; step < settings.steps(); step++) {
        int from = (int) ((long) shuffled.size() * step / settings.steps());
        int to = (int) ((long) shuffled.size() * (step + 1) / settings.steps());
        if (to > from) {
          double learningRate = learningRates.at(stepsBefore(round, pass) + step);
          step(shuffled.subList(from, to), learningRate, metrics, progress);
        }
      }
    }
    return metrics.build(referenceKl(lessons, round));
  }

  /** Writes the optimiser's state into a checkpoint's folder. */
  public void saveOptimiser(Path checkpoint) {
    optimiser.save(checkpoint.resolve(OPTIMISER_FILE));
  }

  /** By the plan, not by count: a round without anything to learn leaves the next as it is. */
  private long stepsBefore(int round, int pass) {
    return (round - 1L) * settings.stepsPerRound() + (long) pass * settings.steps();
  }

  /**
   * Every turn with something to teach; groups of equal rewards teach nothing unless a KL penalty
   * pulls.
   */
  private List<Lesson> lessons(List<Trajectory> buffer, Advantages advantages) {
    List<Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < buffer.size(); i++) {
      double advantage = advantages.values()[i];
      if (advantage == 0 && !penalised()) {
        continue;
      }
      for (Turn turn : buffer.get(i).episode().turns()) {
        if (turn.tokens().responseLength() > 0) {
          lessons.add(
              new Lesson(
                  new TrainRecord(
                      turn.tokens().prompt(), turn.tokens().response(), turn.tokens().allowed()),
                  turn.tokens().logProbs(),
                  advantage));
        }
      }
    }
    return lessons;
  }

  private boolean penalised() {
    return grpo.kl().estimator() != ReferencePull.Estimator.OFF;
  }

  private void step(
      List<Lesson> batch,
      double learningRate,
      LearningMetrics.Builder metrics,
      IntConsumer progress) {
    GlobalCounts counts = new GlobalCounts(tokens(batch), batch.size());
    try (Gradients gradients = policy.newGradients()) {
      for (List<Lesson> part : microbatches(batch)) {
        List<TrainRecord> records = part.stream().map(Lesson::record).toList();
        try (ForwardPass pass = policy.forward(records)) {
          PolicyLossResult result =
              grpo.objective().evaluate(batchOf(part, records, pass.logProbs()), counts, kernels);
          metrics.add(result.metrics(), pass.entropies());
          pass.backward(toFloats(result.gradient()), gradients);
        }
        progress.accept(part.size());
      }
      metrics.stepped(optimiser.step(gradients, learningRate, settings.maxGradNorm()));
    }
  }

  /** Cuts a batch, in order, where the next record would not fit. */
  private List<List<Lesson>> microbatches(List<Lesson> batch) {
    List<List<Lesson>> parts = new ArrayList<>();
    int from = 0;
    long tokens = 0;
    for (int i = 0; i < batch.size(); i++) {
      TrainRecord record = batch.get(i).record();
      int length = record.prompt().length + record.response().length;
      if (i > from && tokens + length > settings.microbatchTokens()) {
        parts.add(batch.subList(from, i));
        from = i;
        tokens = 0;
      }
      tokens += length;
    }
    parts.add(batch.subList(from, batch.size()));
    return parts;
  }

  private PolicyBatch batchOf(List<Lesson> lessons, List<TrainRecord> records, float[] logProbs) {
    int[] offsets = new int[lessons.size() + 1];
    double[] behaviour = new double[logProbs.length];
    double[] advantages = new double[lessons.size()];
    for (int row = 0; row < lessons.size(); row++) {
      Lesson lesson = lessons.get(row);
      for (int i = 0; i < lesson.behaviourLogProbs().length; i++) {
        behaviour[offsets[row] + i] = lesson.behaviourLogProbs()[i];
      }
      offsets[row + 1] = offsets[row] + lesson.behaviourLogProbs().length;
      advantages[row] = lesson.advantage();
    }
    PolicyBatch batch = PolicyBatch.of(offsets, toDoubles(logProbs), behaviour, advantages);
    return penalised()
        ? batch.withReferenceLogProbs(toDoubles(reference.logProbs(records)))
        : batch;
  }

  /**
   * Mean k3 estimate of KL(policy || initial checkpoint) per response token, on a sample of the
   * round's records.
   */
  private double referenceKl(List<Lesson> lessons, int round) {
    if (lessons.isEmpty()) {
      return 0;
    }
    List<Lesson> sample = new ArrayList<>(lessons);
    Collections.shuffle(sample, new Random(RandomStreams.derive(seed, "reference", round)));
    List<TrainRecord> records =
        sample.subList(0, Math.min(sample.size(), REFERENCE_SAMPLE)).stream()
            .map(Lesson::record)
            .toList();
    float[] now = policy.scoreRecords(records);
    float[] before = reference.logProbs(records);
    double sum = 0;
    for (int token = 0; token < now.length; token++) {
      sum += ReferencePull.Estimator.K3.value(now[token] - before[token]);
    }
    return sum / now.length;
  }

  private static long tokens(List<Lesson> lessons) {
    return lessons.stream().mapToLong(lesson -> lesson.record().response().length).sum();
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
