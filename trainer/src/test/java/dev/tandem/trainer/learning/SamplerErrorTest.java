package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.EarlyStop;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ImportanceCorrection;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.Lag;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What sampler and trainer disagree about, and how far a round may lead from what was sampled. */
final class SamplerErrorTest extends LearnerTests {
  static Stream<ImportanceCorrection> corrections() {
    return Stream.of(new ImportanceCorrection.None(), new ImportanceCorrection.Truncated(2));
  }

  @ParameterizedTest
  @MethodSource("corrections")
  void theGapBetweenSamplerAndTrainerIsThatBeforeTheFirstUpdate(ImportanceCorrection correction) {
    List<Trajectory> buffer = missampled(policy, 0.25);
    GrpoTrainer trainer = trainer(policy, correcting(correction), settings(1, 2, 0));
    LearningMetrics fresh = learn(trainer, buffer);
    assertThat(fresh.steps()).isEqualTo(2);
    assertThat(fresh.samplerGapMean()).isCloseTo(0.25, within(1e-5));
    assertThat(fresh.samplerGapMax()).isCloseTo(0.25, within(1e-4));
    // a round later the difference would be mostly what was learnt
    assertThat(trainer.learn(2, buffer, count -> {}).samplerGapMean()).isNull();
  }

  /**
   * Another round's learning has moved the policy, and only what played knows the sampler's error.
   */
  @ParameterizedTest
  @MethodSource("corrections")
  void behindThePolicyTheGapIsThatToTheWeightsThatPlayed(ImportanceCorrection correction) {
    List<Trajectory> buffer =
        missampled(reference, 0.25).stream().map(SamplerErrorTest::ofRoundTwo).toList();
    GrpoTrainer trainer = trainer(policy, correcting(correction), settings(1, 1, 0), new Lag(1));
    learn(trainer, missampled(policy, 0));
    trainer.receive(2, buffer, reference.decoder());
    LearningMetrics behind = trainer.learn(2, buffer, count -> {});
    assertThat(behind.eachStep().getFirst().staleness()).isEqualTo(1);
    if (correction instanceof ImportanceCorrection.None) {
      assertThat(behind.samplerGapMean()).isNull();
    } else {
      assertThat(behind.samplerGapMean()).isCloseTo(0.25, within(1e-5));
      assertThat(behind.samplerGapMax()).isCloseTo(0.25, within(1e-4));
      // the ratio is to the weights that played, and not to the sampler's word
      assertThat(behind.ratioMean()).isCloseTo(1, within(0.1)).isNotCloseTo(1, within(1e-6));
    }
  }

  private static Trajectory ofRoundTwo(Trajectory one) {
    return new Trajectory(
        one.id() + " again",
        one.phase(),
        2,
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        one.verdict());
  }

  /** Behaviour is as far off as the sampler's error: k3 is {@code exp(-e) - 1 + e}. */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.1, 1, 4, 'the KL to behaviour was 0.1065, above 0.1'",
    "0.5, 0.2, 4, 4,",
    "-0.5, 0.2, 4, 4,",
    "-0.8, 0.4, 1, 4, 'the KL to behaviour was 0.4255, above 0.4'"
  })
  void aRoundThatHasLedFarEnoughStops(
      double error, double bound, int taken, int planned, @Nullable String why) {
    GrpoSettings bounded = GrpoSettings.DEFAULTS.withEarlyStop(new EarlyStop(bound, null));
    OptimiserSettings slow = new OptimiserSettings(1e-9, 0, 0.9, 0.95, 1, 2, 2, 0);
    LearningMetrics metrics = learn(trainer(policy, bounded, slow), missampled(policy, error));
    assertThat(metrics.steps()).isEqualTo(taken);
    assertThat(metrics.plannedSteps()).isEqualTo(planned);
    assertThat(metrics.stopped()).isEqualTo(why);
    assertThat(metrics.tokens()).isEqualTo(5L * taken);
  }

  @Test
  void aRoundThatClipsTooManyTokensStopsAndLeavesTheWeightsAsTheyWereThen() {
    // The sampler's error alone has every ratio of the good response out of bounds.
    GrpoSettings bounded = GrpoSettings.DEFAULTS.withEarlyStop(new EarlyStop(null, 0.05));
    LearningMetrics metrics =
        learn(trainer(policy, bounded, settings(1, 3, 0)), missampled(policy, -0.4));
    assertThat(metrics.stopped()).startsWith("the clip fraction was 0.").endsWith(", above 0.05");
    assertThat(metrics.steps()).isEqualTo(1);
    try (Policy twin = reference.copy()) {
      learn(trainer(twin, GrpoSettings.DEFAULTS, settings(1, 1, 0)), missampled(twin, -0.4));
      assertThat(twin.decoder().weightsSha256()).isEqualTo(policy.decoder().weightsSha256());
    }
  }

  private static GrpoSettings correcting(ImportanceCorrection correction) {
    return GrpoSettings.DEFAULTS.withImportanceCorrection(correction);
  }

  @Test
  void anImportanceCorrectionWeighsWhatTheSamplerGotWrong() {
    double exact = gradient(new ImportanceCorrection.Truncated(2), 0);
    assertThat(gradient(new ImportanceCorrection.None(), 0)).isCloseTo(exact, within(1e-4 * exact));
    // a sampler that was too sure by ln 2: its tokens count half
    assertThat(gradient(new ImportanceCorrection.Truncated(2), Math.log(2)))
        .isCloseTo(exact / 2, within(1e-4 * exact));
    // one that was too unsure by ln 3: they would count three times, and are held to the cap
    assertThat(gradient(new ImportanceCorrection.Truncated(2), -Math.log(3)))
        .isCloseTo(2 * exact, within(1e-4 * exact));
    assertThat(gradient(new ImportanceCorrection.Masked(2), -Math.log(3))).isZero();
    // without a correction the ratio takes the sampler's word, and is clipped for its error
    assertThat(gradient(new ImportanceCorrection.None(), -Math.log(3))).isLessThan(0.9 * exact);
  }

  /** The norm of the first step's gradient. */
  private double gradient(ImportanceCorrection correction, double error) {
    try (Policy learner = reference.copy()) {
      return learn(
              trainer(learner, correcting(correction), settings(1, 1, 0)),
              missampled(learner, error))
          .gradNorm();
    }
  }

  @TempDir private Path folder;

  @Test
  void aCorrectionGoesByTheWeightsThatSampledInLaterRoundsAndAfterARestartToo() throws IOException {
    GrpoSettings grpo = correcting(new ImportanceCorrection.Truncated(2));
    List<Trajectory> buffer = missampled(policy, 0);
    GrpoTrainer trainer = trainer(policy, grpo, settings(1, 1, 0));
    learn(trainer, buffer);
    trainer.save(folder);
    try (Policy twin = policy.copy()) {
      GrpoTrainer restarted = trainer(twin, grpo, settings(1, 1, 0));
      restarted.restore(folder);
      assertThat(restarted.learn(2, buffer, count -> {}).klBehaviour()).isPositive();
      GrpoTrainer forgetful = trainer(twin, grpo, settings(1, 1, 0));
      assertThatThrownBy(() -> forgetful.learn(2, buffer, count -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the weights that sampled it are gone");
      BehaviourScores scores = new BehaviourScores(grpo.importanceCorrection());
      scores.restore(folder.resolve(GrpoTrainer.BEHAVIOUR_FILE));
      assertThat(scores.of(buffer.getFirst(), 0).logProbs())
          .containsExactly(
              new BehaviourScores(new ImportanceCorrection.None())
                  .of(buffer.getFirst(), 0)
                  .logProbs(),
              within(1e-6));
      scores.receive(3, List.of(), twin.decoder());
      scores.save(folder.resolve("left"));
      assertThat(Files.size(folder.resolve("left"))).isLessThan(64);
    }
  }
}
