package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Against float64 values of the public implementations, on every backend this host has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpoReferenceTest {
  private static final Offset<Double> TOLERANCE = within(1e-9);
  private static final List<Kernels> BACKENDS = List.of(Kernels.scalar(), Kernels.best());
  private static final Map<String, AdvantageEstimator> ESTIMATORS =
      Map.of(
          "grpo", AdvantageEstimator.GRPO,
          "dr_grpo", AdvantageEstimator.DR_GRPO,
          "rloo", AdvantageEstimator.RLOO);
  private static final Map<String, Aggregation> AGGREGATIONS =
      Map.of(
          "token-mean", Aggregation.TOKEN_MEAN,
          "seq-mean-token-sum", Aggregation.SEQUENCE_MEAN_TOKEN_SUM,
          "seq-mean-token-mean", Aggregation.SEQUENCE_MEAN_TOKEN_MEAN);

  private List<JsonNode> cases = List.of();

  @BeforeAll
  void readFixture() throws IOException {
    Path shared =
        Path.of(
            Optional.ofNullable(System.getProperty("TANDEM_SHARED"))
                .or(() -> Optional.ofNullable(System.getenv("TANDEM_SHARED")))
                .orElse("../../shared"));
    Path fixture = shared.resolve("fixtures/grpo_reference.json");
    assumeTrue(Files.exists(fixture), "no reference values at " + fixture + ": set TANDEM_SHARED");
    List<JsonNode> read = new ArrayList<>();
    new ObjectMapper().readTree(fixture.toFile()).get("cases").forEach(read::add);
    assertThat(read).isNotEmpty();
    cases = read;
  }

  @TestFactory
  List<DynamicTest> advantagesAreThePublishedOnes() {
    return perCase(
        "advantages",
        (reference, name, kernels) -> {
          AdvantageEstimator estimator = Objects.requireNonNull(ESTIMATORS.get(name), name);
          double[] actual =
              Advantages.compute(
                      trajectories(reference),
                      new AdvantageSettings(estimator, GroupBy.TASK, 1e-6, 0),
                      kernels)
                  .values();
          assertThat(actual)
              .containsExactly(doubles(expected(reference).get("advantages").get(name)), TOLERANCE);
        });
  }

  @TestFactory
  List<DynamicTest> policyLossesAndGradientsAreThePublishedOnes() {
    return perCase(
        "policy_losses_with_grpo_advantages",
        (reference, name, kernels) -> {
          JsonNode expected =
              expected(reference).get("policy_losses_with_grpo_advantages").get(name);
          String aggregation = name.substring(name.indexOf('/') + 1);
          PolicyObjective objective =
              new PolicyObjective(
                  loss(name, expected),
                  Objects.requireNonNull(AGGREGATIONS.get(aggregation), name),
                  ReferencePull.OFF);
          PolicyBatch batch = batch(reference);
          PolicyLossResult actual = objective.evaluate(batch, GlobalCounts.of(batch), kernels);
          assertThat(actual.loss()).isCloseTo(expected.get("loss").doubleValue(), TOLERANCE);
          assertThat(actual.gradient())
              .containsExactly(flat(expected.get("grad_wrt_logp")), TOLERANCE);
        });
  }

  /** What a decoder in single precision hands over, and takes back. */
  @TestFactory
  List<DynamicTest> singlePrecisionKeepsFiveDigits() {
    return perCase(
        "policy_losses_with_grpo_advantages",
        (reference, name, kernels) -> {
          JsonNode expected =
              expected(reference).get("policy_losses_with_grpo_advantages").get(name);
          PolicyObjective objective =
              new PolicyObjective(
                  loss(name, expected),
                  Objects.requireNonNull(
                      AGGREGATIONS.get(name.substring(name.indexOf('/') + 1)), name),
                  ReferencePull.OFF);
          PolicyBatch exact = batch(reference);
          PolicyBatch rounded =
              PolicyBatch.of(
                      exact.rowOffsets(),
                      rounded(exact.logProbs()),
                      rounded(exact.behaviourLogProbs()),
                      exact.advantages())
                  .withMask(exact.mask());
          PolicyLossResult actual = objective.evaluate(rounded, GlobalCounts.of(rounded), kernels);
          assertThat(actual.loss()).isCloseTo(expected.get("loss").doubleValue(), within(1e-5));
          assertThat(rounded(actual.gradient()))
              .containsExactly(flat(expected.get("grad_wrt_logp")), within(1e-5));
        });
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> (float) value).toArray();
  }

  @TestFactory
  List<DynamicTest> klPenaltiesAreThePublishedOnes() {
    return perCase(
        "kl_token_mean",
        (reference, name, kernels) -> {
          double expected = expected(reference).get("kl_token_mean").get(name).doubleValue();
          ReferencePull kl =
              new ReferencePull(
                  ReferencePull.Estimator.valueOf(name.toUpperCase(Locale.ROOT)), 0.5);
          PolicyBatch batch = batch(reference);
          PolicyLossResult actual =
              new PolicyObjective(PolicyLoss.Clipped.DEFAULTS, Aggregation.TOKEN_MEAN, kl)
                  .evaluate(batch, GlobalCounts.of(batch), kernels);
          assertThat(actual.metrics().referenceKl()).isCloseTo(expected, TOLERANCE);
          assertThat(actual.loss() - actual.metrics().policyLoss())
              .isCloseTo(0.5 * expected, TOLERANCE);
        });
  }

  @TestFactory
  List<DynamicTest> truncatedImportanceWeightsAreThePublishedOnes() {
    return perCase(
        "truncated_importance_weights_cap_2",
        (reference, name, kernels) -> {
          double[] weights =
              Objects.requireNonNull(
                  new ImportanceCorrection.Truncated(2)
                      .weights(
                          flat(reference.get("old_logp")), flat(reference.get("rollout_logp"))));
          boolean[] mask = mask(reference);
          for (int token = 0; token < weights.length; token++) {
            weights[token] = mask[token] ? weights[token] : 0;
          }
          assertThat(weights)
              .containsExactly(
                  flat(expected(reference).get("truncated_importance_weights_cap_2")), TOLERANCE);
        });
  }

  private interface Check {
    void run(JsonNode reference, String name, Kernels kernels);
  }

  /** One test for each case, each named entry of the section, and each backend. */
  private List<DynamicTest> perCase(String section, Check check) {
    List<DynamicTest> tests = new ArrayList<>();
    for (int number = 0; number < cases.size(); number++) {
      JsonNode reference = cases.get(number);
      List<String> names = new ArrayList<>();
      expected(reference).get(section).fieldNames().forEachRemaining(names::add);
      for (String name : names.isEmpty() ? List.of(section) : names) {
        for (Kernels kernels : BACKENDS) {
          tests.add(
              DynamicTest.dynamicTest(
                  "case %d, %s, %s".formatted(number, name, kernels.name()),
                  () -> check.run(reference, name, kernels)));
        }
      }
    }
    return tests;
  }

  private static JsonNode expected(JsonNode reference) {
    return reference.get("expected");
  }

  private static PolicyLoss loss(String name, JsonNode expected) {
    double low = expected.get("clip_low").doubleValue();
    double high = expected.get("clip_high").doubleValue();
    JsonNode dualClip = expected.get("dual_clip_c");
    return switch (name.substring(0, name.indexOf('/'))) {
      case "vanilla", "vanilla_clip_higher" ->
          new PolicyLoss.Clipped(
              low, high, dualClip.isNull() ? Double.POSITIVE_INFINITY : dualClip.doubleValue());
      case "gspo" -> new PolicyLoss.Gspo(low, high);
      case "cispo" -> new PolicyLoss.Cispo(low, high);
      default ->
          throw new AssertionError("the fixture has a loss this test does not know: " + name);
    };
  }

  private static List<RewardedTrajectory> trajectories(JsonNode reference) {
    List<RewardedTrajectory> trajectories = new ArrayList<>();
    for (int row = 0; row < reference.get("rewards").size(); row++) {
      trajectories.add(
          new RewardedTrajectory(
              reference.get("group_of_row").get(row).asText(),
              "harness " + row % 2,
              reference.get("rewards").get(row).doubleValue()));
    }
    return trajectories;
  }

  private static PolicyBatch batch(JsonNode reference) {
    int rows = reference.get("logp").size();
    int width = reference.get("logp").get(0).size();
    int[] offsets = new int[rows + 1];
    for (int row = 0; row <= rows; row++) {
      offsets[row] = row * width;
    }
    return PolicyBatch.of(
            offsets,
            flat(reference.get("logp")),
            flat(reference.get("old_logp")),
            doubles(expected(reference).get("advantages").get("grpo")))
        .withReferenceLogProbs(flat(reference.get("ref_logp")))
        .withMask(mask(reference));
  }

  private static boolean[] mask(JsonNode reference) {
    double[] numbers = flat(reference.get("loss_mask"));
    boolean[] mask = new boolean[numbers.length];
    for (int token = 0; token < mask.length; token++) {
      mask[token] = numbers[token] == 1;
    }
    return mask;
  }

  private static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).doubleValue();
    }
    return values;
  }

  private static double[] flat(JsonNode rows) {
    List<Double> values = new ArrayList<>();
    rows.forEach(row -> row.forEach(value -> values.add(value.doubleValue())));
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
