package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpoSettingsTest {
  private static final ObjectMapper YAML = new YAMLMapper();

  @Test
  void anEmptyRecipeIsTheVettedSetting() throws JsonProcessingException {
    GrpoSettings settings = YAML.readValue("{}", GrpoSettings.class);
    assertThat(settings).isEqualTo(GrpoSettings.DEFAULTS);
    assertThat(settings.loss()).isEqualTo(new PolicyLoss.Clipped(0.2, 0.28, 3));
    assertThat(settings.advantage().groupBy()).isEqualTo(GroupBy.TASK);
    assertThat(settings.advantage().estimator()).isEqualTo(AdvantageEstimator.GRPO);
    assertThat(settings.aggregation()).isEqualTo(Aggregation.TOKEN_MEAN);
    assertThat(settings.sequence()).isEqualTo(SequenceUnit.TURN);
    assertThat(settings.kl()).isEqualTo(ReferencePull.OFF);
    assertThat(settings.importanceCorrection()).isEqualTo(new ImportanceCorrection.None());
  }

  @Test
  void aRecipeStatesOnlyWhatDiffers() throws JsonProcessingException {
    GrpoSettings settings =
        YAML.readValue(
            """
            advantage: {estimator: reinforce++, group_by: task_residual}
            loss: {type: clipped, high: 0.2}
            aggregation: seq-mean-token-sum
            sequence: trajectory
            kl: {estimator: k3, coefficient: 0.01}
            importance_correction: {type: truncated}
            discarded: blamed
            entropy_bonus: 0.01
            early_stop: {kl: 0.05}
            overlong: {type: penalty, buffer: 4}
            step_credit: {type: anchors, discount: 0.9}
            dynamic_sampling: {type: refilled, groups: 32}
            """,
            GrpoSettings.class);
    assertThat(settings)
        .isEqualTo(
            GrpoSettings.DEFAULTS
                .withAdvantage(
                    new AdvantageSettings(
                        AdvantageEstimator.REINFORCE_PLUS_PLUS, GroupBy.TASK_RESIDUAL, 1e-6, 8))
                .withLoss(new PolicyLoss.Clipped(0.2, 0.2, 3))
                .withAggregation(Aggregation.SEQUENCE_MEAN_TOKEN_SUM)
                .withKl(new ReferencePull(ReferencePull.Estimator.K3, 0.01))
                .withImportanceCorrection(new ImportanceCorrection.Truncated(2))
                .withSequence(SequenceUnit.TRAJECTORY)
                .withDiscarded(DiscardedTurns.BLAMED)
                .withEntropyBonus(0.01)
                .withEarlyStop(new EarlyStop(0.05, null))
                .withOverlong(new OverlongShaping.Penalty(OverlongShaping.Measure.STEPS, 4, 1))
                .withStepCredit(new StepCredit.Anchors(1, 0.9))
                .withDynamicSampling(new DynamicSampling.Refilled(32, 3)));
    assertThat(settings.discarded()).isEqualTo(DiscardedTurns.BLAMED);
    assertThat(settings.sequence()).isEqualTo(SequenceUnit.TRAJECTORY);
  }

  @Test
  void gspoOverTrajectoriesIsAChoiceUnderAnyAggregation() throws JsonProcessingException {
    GrpoSettings settings =
        YAML.readValue("{loss: {type: gspo}, sequence: trajectory}", GrpoSettings.class);
    assertThat(settings.sequence()).isEqualTo(SequenceUnit.TRAJECTORY);
    assertThat(settings.aggregation()).isEqualTo(Aggregation.TOKEN_MEAN);
  }

  @Test
  void survivesARoundTrip() throws JsonProcessingException {
    for (PolicyLoss loss :
        List.of(
            PolicyLoss.Clipped.DEFAULTS,
            new PolicyLoss.Clipped(0.1, 0.2, Double.POSITIVE_INFINITY),
            PolicyLoss.Gspo.DEFAULTS,
            PolicyLoss.Cispo.DEFAULTS)) {
      for (ImportanceCorrection correction :
          List.of(
              new ImportanceCorrection.None(),
              new ImportanceCorrection.Truncated(3),
              new ImportanceCorrection.Masked(2))) {
        GrpoSettings settings =
            GrpoSettings.DEFAULTS
                .withLoss(loss)
                .withAggregation(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN)
                .withKl(new ReferencePull(ReferencePull.Estimator.K2, 0.5))
                .withImportanceCorrection(correction)
                .withSequence(SequenceUnit.TRAJECTORY)
                .withEntropyBonus(0.02)
                .withEarlyStop(new EarlyStop(null, 0.3))
                .withOverlong(
                    new OverlongShaping.Penalty(OverlongShaping.Measure.TOKENS, 400, 0.5));
        for (ObjectMapper mapper : List.of(YAML, new ObjectMapper())) {
          String text = mapper.writeValueAsString(settings);
          assertThat(mapper.readValue(text, GrpoSettings.class)).as(text).isEqualTo(settings);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          loss: {type: clipped, low: 1.5}                | clip low must be in [0, 1], was 1.5
          loss: {type: gspo, high: -1}                   | clip high must be finite and at least 0, was -1.0
          loss: {type: clipped, dual_clip: 0.5}          | dual clip must be above 1 (infinity switches it off), was 0.5
          kl: {coefficient: 0.1}                         | KL coefficient 0.1 has no effect while the estimator is off: choose k1, k2 or k3
          kl: {estimator: k3}                            | KL estimator K3 has no effect with coefficient 0: raise it or choose off
          kl: {estimator: k3, coefficient: -1}           | KL coefficient must be finite and at least 0, was -1.0
          sequence: trajectory                           | sequence trajectory has no effect with aggregation token_mean and a loss by token: choose sequence_mean_token_mean or sequence_mean_token_sum, or leave it out
          early_stop: {kl: 0}                            | kl must be finite and above 0, was 0.0; leave it out for no bound
          early_stop: {clip_fraction: 1}                 | clip fraction must be above 0 and below 1, was 1.0; leave it out for no bound
          overlong: {type: penalty}                      | overlong buffer must be at least 1 of the steps before the limit, was 0
          overlong: {type: penalty, buffer: 2, weight: 0} | overlong weight must be finite and above 0, was 0.0
          step_credit: {type: anchors, weight: 0}        | step weight must be finite and above 0, was 0.0
          step_credit: {type: anchors, discount: 1.1}    | step discount must be above 0 and at most 1, was 1.1
          {loss: {type: gspo}, sequence: trajectory, step_credit: {type: anchors}} | step credit needs an advantage for each step, and gspo over a trajectory has one ratio and one advantage for all of them: choose sequence turn, another loss, or step_credit off
          dynamic_sampling: {type: refilled}             | groups with a signal must be at least 1, were 0; say how many a round wants
          dynamic_sampling: {type: refilled, groups: 8, cap: 1} | cap must be above 1 and at most 100 times a round's tasks, was 1.0; with filtered a round plays no more of them
          entropy_bonus: -0.1                            | entropy bonus must be finite and at least 0, was -0.1
          advantage: {epsilon: 0}                        | advantage epsilon must be finite and above 0, was 0.0
          advantage: {harness_shrinkage: -1}             | harness shrinkage must be finite and at least 0, was -1.0
          importance_correction: {type: masked, cap: 0}  | importance cap must be finite and at least 1, was 0.0
          """)
  void refusesWhatIsOutOfRange(String recipe, String sentence) {
    assertThatThrownBy(() -> YAML.readValue(recipe, GrpoSettings.class))
        .rootCause()
        .hasMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lose: {type: clipped}             | lose
          loss: {type: cisppo}              | cisppo
          loss: {type: gspo, dual_clip: 3}  | dual_clip
          aggregation: mean                 | mean
          """)
  void refusesWhatItDoesNotKnow(String recipe, String culprit) {
    assertThatThrownBy(() -> YAML.readValue(recipe, GrpoSettings.class))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageFindingMatch("[\"']" + culprit + "[\"']");
  }
}
