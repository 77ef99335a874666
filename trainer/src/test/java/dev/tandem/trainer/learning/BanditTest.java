package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.PolicyLoss;
import dev.tandem.trainer.model.runtime.TrainRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Four arms that pay by chance: the policy, which plays them, has one right answer to find. */
final class BanditTest extends LearnerTests {
  private static final String[] ARMS = {"go", "look", "take", "open"};

  private static final double[] PAYS = {0.2, 0.4, 0.8, 0.5};

  private static final int BEST = 2;

  private static final int WORST = 0;

  private static final int ROUNDS = 50;

  private final List<TrainRecord> arms = arms();

  static Stream<GrpoSettings> losses() {
    return Stream.of(
            PolicyLoss.Clipped.DEFAULTS, PolicyLoss.Gspo.DEFAULTS, PolicyLoss.Cispo.DEFAULTS)
        .map(GrpoSettings.DEFAULTS::withLoss);
  }

  @ParameterizedTest
  @MethodSource("losses")
  void findsTheArmThatPaysMost(GrpoSettings grpo) {
    assertThat(Arrays.stream(probabilities()).max().orElseThrow()).isLessThan(0.5);
    play(grpo, /* flipped= */ false);
    assertThat(probabilities()[BEST]).isGreaterThan(0.85);
  }

  @Test
  void withTheSignOfTheAdvantageFlippedItFindsTheArmThatPaysLeast() {
    double before = probabilities()[BEST];
    play(GrpoSettings.DEFAULTS, /* flipped= */ true);
    assertThat(probabilities()[BEST]).isLessThan(0.1 * before);
    assertThat(probabilities()[WORST]).isGreaterThan(0.8);
  }

  /**
   * The advantage is odd in the rewards about their mean: a pay of 0 for 1 and 1 for 0 flips it.
   */
  private void play(GrpoSettings grpo, boolean flipped) {
    Random random = new Random(11);
    GrpoTrainer trainer = trainer(policy, grpo, settings(1, 2, 0));
    for (int round = 1; round <= ROUNDS; round++) {
      float[][] logProbs = logProbs();
      List<Trajectory> buffer = new ArrayList<>();
      for (int attempt = 0; attempt < 16; attempt++) {
        int arm = drawn(logProbs, random.nextDouble());
        boolean pays = random.nextDouble() < PAYS[arm];
        String harness = attempt % 2 == 0 ? "incumbent" : "challenger";
        buffer.add(
            trajectory(
                round + "-" + attempt,
                TASKS.get(0),
                harness,
                pays == flipped ? 0 : 1,
                ExitReason.FINISHED,
                List.of(turn(arms.get(arm), logProbs[arm], /* discarded= */ false))));
      }
      trainer.learn(round, buffer, count -> {});
    }
  }

  private List<TrainRecord> arms() {
    List<TrainRecord> words = Arrays.stream(ARMS).map(arm -> record(policy, arm)).toList();
    int[] choices = words.stream().mapToInt(word -> word.response()[0]).toArray();
    Arrays.sort(choices);
    return words.stream()
        .map(
            word -> {
              int[][] allowed = new int[word.response().length][];
              allowed[0] = choices;
              for (int token = 1; token < allowed.length; token++) {
                allowed[token] = new int[] {word.response()[token]};
              }
              return new TrainRecord(word.prompt(), word.response(), allowed);
            })
        .toList();
  }

  private float[][] logProbs() {
    float[] flat = policy.decoder().scoreRecords(arms);
    float[][] each = new float[ARMS.length][];
    int from = 0;
    for (int arm = 0; arm < each.length; arm++) {
      int to = from + arms.get(arm).response().length;
      each[arm] = Arrays.copyOfRange(flat, from, to);
      from = to;
    }
    return each;
  }

  private double[] probabilities() {
    double[] each = Arrays.stream(logProbs()).mapToDouble(arm -> Math.exp(arm[0])).toArray();
    assertThat(Arrays.stream(each).sum()).isCloseTo(1, within(1e-5));
    return each;
  }

  private static int drawn(float[][] logProbs, double uniform) {
    double below = 0;
    for (int arm = 0; arm < logProbs.length - 1; arm++) {
      below += Math.exp(logProbs[arm][0]);
      if (uniform < below) {
        return arm;
      }
    }
    return logProbs.length - 1;
  }
}
