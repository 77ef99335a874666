package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.KvBufferCache;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.torch.Execution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A trained and exported checkpoint as Jlama reads it: an implementation of Llama and Qwen2 in pure
 * Java that shares no code with ours or with libtorch.
 */
final class ForeignReaderTest {

  private static final int NEW_TOKENS = 24;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "llama-gqa, F32, 1000000000",
    "qwen2-untied, F32, 1000000000",
    "qwen2-untied, F32, 200000",
  })
  void jlamaContinuesATrainedCheckpointWithTheSameTokens(
      String name, ElementType type, long maxShardBytes) {
    HfCheckpoint source = HfCheckpoint.open(fixture(name));
    int vocabulary = source.spec().vocabularySize();
    List<int[]> prompts = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(7);
    for (int length : new int[] {1, 5, 40}) {
      prompts.add(random.ints(length, 0, vocabulary).toArray());
    }
    Path exported = directory.resolve("exported");
    List<List<Integer>> untrained;
    try (Decoder decoder = source.loadDecoder(Execution.cpu(1))) {
      untrained = greedy(decoder, prompts);
      train(decoder, random);
      source.export(decoder, exported, new WeightFormat(type, maxShardBytes));
    }
    List<List<Integer>> expected;
    try (Decoder decoder = Decoder.load(exported, Execution.cpu(1))) {
      expected = greedy(decoder, prompts);
    }
    assertThat(expected).isNotEqualTo(untrained);
    assertThat(jlama(exported, prompts)).isEqualTo(expected);
  }

  private static Path fixture(String name) {
    Path shared =
        Path.of(Optional.ofNullable(System.getenv("TANDEM_SHARED")).orElse("../../shared"));
    Path checkpoint = shared.resolve("fixtures/hf").resolve(name);
    assumeTrue(
        Files.isDirectory(checkpoint),
        "reference checkpoints are absent; set TANDEM_SHARED to the folder that has fixtures/hf");
    return checkpoint;
  }

  private static void train(Decoder decoder, SplittableRandom random) {
    int vocabulary = decoder.spec().vocabularySize();
    List<TrainRecord> records =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    TrainRecord.unconstrained(
                        random.ints(6, 0, vocabulary).toArray(),
                        random.ints(12, 0, vocabulary).toArray()))
            .toList();
    try (Optimiser optimiser = decoder.newOptimiser(new AdamWSettings(0.9, 0.999, 1e-8, 0.01))) {
      for (int step = 0; step < 10; step++) {
        decoder.trainStep(records, optimiser, 3e-3, 1);
      }
    }
  }

  private static List<List<Integer>> greedy(Decoder decoder, List<int[]> prompts) {
    return decoder
        .sample(
            prompts.stream()
                .map(prompt -> new SampleRequest(prompt, NEW_TOKENS, 0, 1, new int[0], List.of()))
                .toList())
        .stream()
        .map(sample -> IntStream.of(sample.tokens()).boxed().toList())
        .toList();
  }

  private static List<List<Integer>> jlama(Path checkpoint, List<int[]> prompts) {
    List<List<Integer>> continuations = new ArrayList<>();
    try (AbstractModel model = ModelSupport.loadModel(checkpoint.toFile(), DType.F32, DType.F32)) {
      for (int[] prompt : prompts) {
        continuations.add(jlama(model, prompt));
      }
    }
    return continuations;
  }

  private static List<Integer> jlama(AbstractModel model, int[] prompt) {
    List<Integer> tokens = new ArrayList<>();
    try (KvBufferCache cache = new KvBufferCache(model);
        KvBufferCache.KvBuffer keysAndValues = cache.getEphemeralKvBuffer()) {
      var hidden = model.batchForward(prompt, 0, keysAndValues);
      if (hidden.shape().first() > 1) {
        hidden = hidden.slice(hidden.shape().first() - 1);
      }
      for (int position = prompt.length; tokens.size() < NEW_TOKENS; position++) {
        int next = likeliest(model.getLogits(hidden));
        tokens.add(next);
        hidden = model.forward(next, position, keysAndValues, Optional.empty());
      }
    }
    return tokens;
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
