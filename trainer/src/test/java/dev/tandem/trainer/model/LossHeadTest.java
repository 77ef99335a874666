package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.TokenLoss;
import dev.tandem.trainer.model.learn.TokenScores;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.ChoiceTrie;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.Projection;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.LossHead;
import dev.tandem.trainer.model.torch.Precision;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels' head against the program's own, which is libtorch's arithmetic. */
final class LossHeadTest {
  private static final LoraSettings LORA = new LoraSettings(2, 4, EnumSet.allOf(Projection.class));

  /** A loss of tokens that pulls on log-probabilities and entropies, and leaves some alone. */
  private static final TokenLoss LOSS =
      (tokens, logProbs, entropies) -> {
        double[] byLogProb = new double[tokens.length];
        double[] byEntropy = new double[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
          boolean masked = tokens[i] % 5 == 4;
          byLogProb[i] = masked ? 0 : (tokens[i] % 7 - 2.5 + Math.exp(logProbs[i])) / 50;
          byEntropy[i] = masked ? 0 : (tokens[i] % 3 - 0.7 + 0.1 * entropies[i]) / 50;
        }
        return new TokenLoss.Derivatives(byLogProb, byEntropy);
      };

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of(TestModels.spec(), Precision.FLOAT32, 1e-5f),
        Arguments.of(TestModels.untied(), Precision.FLOAT32, 1e-5f),
        // Weights, activations and what flows back through them have 8 bits.
        Arguments.of(TestModels.spec(), Precision.BFLOAT16, 2e-2f));
  }

  @ParameterizedTest
  @MethodSource("models")
  void kernelsGiveTheGradientOfTheProgram(ModelSpec spec, Precision precision, float tolerance) {
    Execution execution = execution(precision);
    try (Decoder kernels = Decoder.initialise(spec, 5, execution);
        Decoder program =
            Decoder.initialise(spec, 5, execution.withLossHead(LossHead.TORCH_SCRIPT))) {
      assertThat(kernels.runtime().execution().lossHead()).isEqualTo(LossHead.KERNELS);
      assertSame(learned(kernels), learned(program), tolerance);
    }
  }

  @Test
  void kernelsGiveTheGradientOfTheProgramBelowAnAdapterToo() {
    try (Decoder kernels =
            Decoder.initialise(TestModels.untied(), 5, execution(Precision.FLOAT32))
                .intoAdapted(LORA, 3);
        Decoder program =
            Decoder.initialise(
                    TestModels.untied(),
                    5,
                    execution(Precision.FLOAT32).withLossHead(LossHead.TORCH_SCRIPT))
                .intoAdapted(LORA, 3)) {
      assertSame(learned(kernels), learned(program), 1e-5f);
    }
  }

  /** So few elements that logits come 16 tokens at a time. */
  private static Execution execution(Precision precision) {
    Execution execution = Execution.cpu(2, 300);
    return execution
        .withTrainingMemory(execution.trainingMemory().withHeadElements(1))
        .withPrecision(precision)
        .withLossHead(LossHead.KERNELS);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Learned(
      TokenScores scores,
      float[] scored,
      double crossEntropy,
      Map<String, float[]> policy,
      Map<String, float[]> supervised) {}

  private static Learned learned(Decoder decoder) {
    List<TrainRecord> records = records();
    try (Gradients policy = decoder.newGradients();
        Gradients supervised = decoder.newGradients()) {
      TokenScores scores = decoder.differentiate(records, LOSS, policy);
      double sum = decoder.accumulateCrossEntropy(records, 0.01, supervised);
      return new Learned(
          scores, decoder.scoreRecords(records), sum, policy.values(), supervised.values());
    }
  }

  private static void assertSame(Learned actual, Learned expected, float tolerance) {
    assertThat(actual.scores().logProbs())
        .containsExactly(expected.scores().logProbs(), within(1e-5));
    assertThat(actual.scores().entropies())
        .containsExactly(expected.scores().entropies(), within(1e-5));
    assertThat(actual.scored()).containsExactly(expected.scored(), within(1e-5f));
    assertThat(actual.crossEntropy())
        .isCloseTo(expected.crossEntropy(), within(1e-6 * expected.crossEntropy()));
    assertSame(actual.policy(), expected.policy(), tolerance);
    assertSame(actual.supervised(), expected.supervised(), tolerance);
  }

  private static void assertSame(
      Map<String, float[]> actual, Map<String, float[]> expected, float tolerance) {
    expected.forEach(
        (name, values) -> {
          float largest = 0;
          for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
          }
          // Of a fresh adapter's two matrices, one is 0, and so is the gradient of the other.
          assertThat(largest > 0).as(name).isEqualTo(!name.contains("lora_A"));
          assertThat(actual.getOrDefault(name, new float[0]))
              .as(name)
              .containsExactly(values, within(tolerance * largest));
        });
  }

  @Test
  void thereAndBackAtOnceGivesTheBitsOfOneAfterTheOther() {
    List<TrainRecord> records = records();
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution(Precision.FLOAT32));
        Gradients once = decoder.newGradients();
        Gradients twice = decoder.newGradients()) {
      TokenScores scores = decoder.differentiate(records, LOSS, once);
      try (ForwardPass pass = decoder.forward(records)) {
        assertThat(pass.logProbs()).isEqualTo(scores.logProbs());
        assertThat(pass.entropies()).isEqualTo(scores.entropies());
        int[] all = IntStream.range(0, scores.logProbs().length).toArray();
        TokenLoss.Derivatives loss = LOSS.at(all, scores.logProbs(), scores.entropies());
        pass.backward(loss.byLogProb(), loss.byEntropy(), twice);
      }
      Map<String, float[]> expected = once.values();
      twice
          .values()
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
    }
  }

  @Test
  void aLossThatFailsIsTheCallersToSee() {
    try (Decoder decoder = Decoder.initialise(TestModels.spec(), 5, execution(Precision.FLOAT32));
        Gradients gradients = decoder.newGradients()) {
      TokenLoss failing =
          (_, _, _) -> {
            throw new IllegalStateException("no loss today");
          };
      assertThatThrownBy(() -> decoder.differentiate(records(), failing, gradients))
          .hasMessage("no loss today");
      assertThat(decoder.scoreRecords(records())).isNotEmpty();
    }
  }

  /** Free and constrained records of many lengths, and one with tokens that are not wanted. */
  private static List<TrainRecord> records() {
    List<TrainRecord> records = new ArrayList<>(TestModels.records(1, 20));
    records.add(TrainRecord.weighted(new int[] {3, 9, 4, 4, 7}, new double[] {0, 0.5, 0, 1, 1}));
    for (SampleRequest request : TestModels.constrained(2, 20)) {
      int[] choice = request.choices().getFirst();
      ChoiceTrie trie = new ChoiceTrie();
      int root = trie.add(request.choices());
      records.add(new TrainRecord(request.prompt(), choice, trie.allowedAlong(root, choice)));
    }
    return records;
  }
}
