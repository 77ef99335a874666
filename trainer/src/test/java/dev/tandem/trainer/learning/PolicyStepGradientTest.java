package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.grpo.Aggregation;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ImportanceCorrection;
import dev.tandem.trainer.grpo.PolicyLoss;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.Moves;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient of a whole step, from the weights through model, masks, denominators and
 * microbatches to the objective, against finite differences of fourth order in 64 bits.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PolicyStepGradientTest {
  private static final double STEP = 1.0 / 65_536;
  private static final int MICROBATCH_TOKENS = 60;

  private final Decoder decoder =
      Decoder.initialise(TestModels.spec(), 11, Execution.cpu(1).withPrecision(Precision.FLOAT64));
  private final List<Lesson> lessons = lessons();

  @AfterAll
  void free() {
    decoder.close();
  }

  /**
   * Every loss with every aggregation over turns and over trajectories, with a KL penalty; and with
   * an entropy bonus that outweighs it.
   */
  static Stream<GrpoSettings> objectives() {
    List<GrpoSettings> settings = new ArrayList<>();
    for (PolicyLoss loss :
        List.of(
            PolicyLoss.Clipped.DEFAULTS,
            new PolicyLoss.Gspo(0.2, 0.3),
            new PolicyLoss.Cispo(0.1, 0.1))) {
      for (Aggregation aggregation : Aggregation.values()) {
        for (SequenceUnit sequence : SequenceUnit.values()) {
          boolean inert =
              aggregation == Aggregation.TOKEN_MEAN && !(loss instanceof PolicyLoss.Gspo);
          if (sequence == SequenceUnit.TURN || !inert) {
            GrpoSettings one =
                GrpoSettings.DEFAULTS
                    .withLoss(loss)
                    .withAggregation(aggregation)
                    .withKl(new ReferencePull(ReferencePull.Estimator.K3, 0.3))
                    .withImportanceCorrection(new ImportanceCorrection.Truncated(2))
                    .withSequence(sequence);
            settings.add(one);
            settings.add(one.withEntropyBonus(2));
          }
        }
      }
    }
    return settings.stream();
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void theGradientIsTheSlopeOfTheObjective(GrpoSettings settings) {
    PolicyStep step =
        new PolicyStep(
            decoder, this::reference, settings, Kernels.best(), MICROBATCH_TOKENS, lessons);
    double steepest = Math.sqrt(squaredNorm(step, 1, /* direction= */ 0, /* directions= */ 0));
    for (long direction = 1; direction <= 2; direction++) {
      double length = Math.sqrt(squaredNorm(step, 0, direction, 1));
      double dot =
          (squaredNorm(step, 1, direction, 1 / length)
                  - squaredNorm(step, 1, direction, -1 / length))
              / 4;
      assertThat(slope(step, direction, STEP / length))
          .as("direction %d", direction)
          .isCloseTo(dot, within(1e-7 * steepest));
      assertThat(Math.abs(dot)).isGreaterThan(1e-4 * steepest);
    }
  }

  private double slope(PolicyStep step, long direction, double stride) {
    try (Gradients up = decoder.newGradients();
        Gradients down = decoder.newGradients()) {
      pull(direction, stride, up);
      pull(direction, -stride, down);
      Moves.along(decoder, down, 2);
      double twiceDown = loss(step);
      Moves.along(decoder, up, 1);
      double onceDown = loss(step);
      Moves.along(decoder, up, 2);
      double onceUp = loss(step);
      Moves.along(decoder, up, 1);
      double twiceUp = loss(step);
      Moves.along(decoder, down, 2);
      return (twiceDown - 8 * onceDown + 8 * onceUp - twiceUp) / (12 * STEP);
    }
  }

  /** Of so many times the step's gradient and so many times the direction. */
  private double squaredNorm(PolicyStep step, int gradients, long direction, double directions) {
    try (Gradients sum = decoder.newGradients()) {
      for (int i = 0; i < gradients; i++) {
        step.differentiate(sum, new Losses());
      }
      pull(direction, directions, sum);
      return sum.norms().values().stream().mapToDouble(norm -> norm * norm).sum();
    }
  }

  /** Adds a direction in the space of weights: where random pulls on the log-probabilities lead. */
  private void pull(long seed, double scale, Gradients into) {
    if (scale != 0) {
      SplittableRandom random = new SplittableRandom(seed);
      ForwardPass pass = decoder.forward(lessons.stream().map(Lesson::record).toList());
      pass.backward(
          random.doubles(pass.logProbs().length, -1, 1).map(pull -> scale * pull).toArray(), into);
    }
  }

  private double loss(PolicyStep step) {
    Losses losses = new Losses();
    try (Gradients unused = decoder.newGradients()) {
      step.differentiate(unused, losses);
    }
    return losses.sum;
  }

  private static final class Losses implements PolicyStep.Observer {
    private double sum;

    @Override
    public void evaluated(PolicyLossResult result) {
      sum += result.loss();
    }

    @Override
    public void passed(List<Lesson> part, double[] logProbs, double[] entropies) {}
  }

  /**
   * Three trajectories of turns, free and constrained, one without an advantage; the behaviour
   * policy is far enough off for some ratios to be clipped, and near enough for others not to be.
   */
  private List<Lesson> lessons() {
    SplittableRandom random = new SplittableRandom(5);
    double[] advantages = {1.2, -0.7, 0};
    List<TrainRecord> records = new ArrayList<>(TestModels.records(1, 9));
    records.addAll(forced(random));
    List<Lesson> made = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      TrainRecord record = records.get(i);
      int tokens = record.response().length;
      boolean[] mask = new boolean[tokens];
      for (int token = 0; token < tokens; token++) {
        mask[token] = record.allowed().length == 0 || record.allowed()[token].length > 1;
      }
      double[] behaviour;
      try (ForwardPass pass = decoder.forward(List.of(record))) {
        behaviour = pass.logProbs();
      }
      for (int token = 0; token < tokens; token++) {
        behaviour[token] += (random.nextBoolean() ? 1 : -1) * (0.12 + 0.4 * random.nextInt(2));
      }
      made.add(
          new Lesson(
              "lesson " + i,
              i % advantages.length,
              1,
              record,
              behaviour,
              random.doubles(tokens, 0.5, 2).toArray(),
              null,
              mask,
              advantages[i % advantages.length]));
    }
    return made;
  }

  private static List<TrainRecord> forced(SplittableRandom random) {
    List<TrainRecord> records = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int[] response = {3 + i, 7, 9};
      records.add(
          new TrainRecord(
              TestModels.ids(random, 4), response, new int[][] {{3 + i, 20, 21}, {7}, {9, 10}}));
    }
    return records;
  }

  /** Some policy near by, the same at every call. */
  private float[] reference(List<TrainRecord> records) {
    float[] logProbs = new float[records.stream().mapToInt(one -> one.response().length).sum()];
    int token = 0;
    for (TrainRecord record : records) {
      Lesson lesson =
          lessons.stream().filter(one -> one.record().equals(record)).findFirst().orElseThrow();
      for (int i = 0; i < lesson.tokens(); i++) {
        logProbs[token] = (float) (lesson.behaviour()[i] + (i % 2 == 0 ? 0.3 : -0.2));
        token++;
      }
    }
    return logProbs;
  }
}
