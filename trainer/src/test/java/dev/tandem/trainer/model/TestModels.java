package dev.tandem.trainer.model;

import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.torch.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Small random decoders and batches. */
public final class TestModels {

  public static final int VOCABULARY = 40;

  private TestModels() {}

  public static ModelSpec spec() {
    return new ModelSpec(
        Architecture.QWEN3,
        VOCABULARY,
        /* hiddenSize= */ 32,
        /* layers= */ 3,
        /* attentionHeads= */ 4,
        /* keyValueHeads= */ 2,
        /* headDimension= */ 12,
        /* mlpSize= */ 48,
        /* maxPositions= */ 128,
        /* normEpsilon= */ 1e-6,
        /* tiedEmbeddings= */ true,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.3);
  }

  /** Of the other kind: biases, no norms on queries and keys, a head of its own. */
  public static ModelSpec untied() {
    return new ModelSpec(
        Architecture.QWEN2,
        VOCABULARY,
        /* hiddenSize= */ 24,
        /* layers= */ 2,
        /* attentionHeads= */ 4,
        /* keyValueHeads= */ 1,
        /* headDimension= */ 8,
        /* mlpSize= */ 40,
        /* maxPositions= */ 128,
        /* normEpsilon= */ 1e-6,
        /* tiedEmbeddings= */ false,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.3);
  }

  public static Decoder decoder() {
    return Decoder.initialise(spec(), 11, Execution.cpu(2));
  }

  public static int[] ids(SplittableRandom random, int length) {
    return IntStream.range(0, length).map(_ -> random.nextInt(VOCABULARY)).toArray();
  }

  public static List<int[]> rows(long seed, int count, int longest) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(ids(random, 1 + random.nextInt(longest)));
    }
    return rows;
  }

  public static List<TrainRecord> records(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TrainRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(
          TrainRecord.unconstrained(
              ids(random, 1 + random.nextInt(30)), ids(random, 1 + random.nextInt(6))));
    }
    return records;
  }

  /** Requests whose responses are one of a few token sequences, each ended by token 1. */
  public static List<SampleRequest> constrained(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SampleRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<int[]> choices = new ArrayList<>();
      int first = 2 + random.nextInt(5);
      for (int choice = 0; choice < 1 + random.nextInt(6); choice++) {
        int[] tokens = new int[2 + random.nextInt(4)];
        for (int j = 0; j < tokens.length - 1; j++) {
          tokens[j] = j == 0 ? first : 2 + random.nextInt(5);
        }
        tokens[tokens.length - 1] = 1;
        choices.add(tokens);
      }
      requests.add(
          new SampleRequest(
              ids(random, 1 + random.nextInt(20)), 6, 1, random.nextLong(), new int[0], choices));
    }
    return requests;
  }

  public static List<SampleRequest> unconstrained(long seed, int count, double temperature) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SampleRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(
          new SampleRequest(
              ids(random, 1 + random.nextInt(30)),
              1 + random.nextInt(12),
              temperature,
              random.nextLong(),
              new int[] {3, 4},
              List.of()));
    }
    return requests;
  }
}
