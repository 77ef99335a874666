package dev.tandem.trainer.model.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Shape of a decoder, as config.json of a Hugging Face checkpoint states it.
 *
 * @param architecture family ({@code model_type})
 * @param vocabularySize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param layers number of blocks
 * @param attentionHeads query heads of a block
 * @param keyValueHeads key and value heads of a block; divides {@code attentionHeads}
 * @param headDimension width of one head; even
 * @param mlpSize inner width of the gated MLP
 * @param maxPositions longest sequence, prompt and response together
 * @param normEpsilon added to the mean square in every RMS norm
 * @param tiedEmbeddings whether the output projection is the embedding matrix
 * @param rotary rotary position embedding
 * @param initializerRange standard deviation of fresh weights
 */
public record ModelSpec(
    Architecture architecture,
    int vocabularySize,
    int hiddenSize,
    int layers,
    int attentionHeads,
    int keyValueHeads,
    int headDimension,
    int mlpSize,
    int maxPositions,
    double normEpsilon,
    boolean tiedEmbeddings,
    RotaryEmbedding rotary,
    double initializerRange) {

  /** Checks that the numbers make a decoder. */
  public ModelSpec {
    requirePositive("vocab_size", vocabularySize);
    requirePositive("hidden_size", hiddenSize);
    requirePositive("num_hidden_layers", layers);
    requirePositive("num_attention_heads", attentionHeads);
    requirePositive("num_key_value_heads", keyValueHeads);
    requirePositive("head_dim", headDimension);
    requirePositive("intermediate_size", mlpSize);
    requirePositive("max_position_embeddings", maxPositions);
    if (attentionHeads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "num_attention_heads must be a multiple of num_key_value_heads, was %d and %d"
              .formatted(attentionHeads, keyValueHeads));
    }
    if (headDimension % 2 != 0) {
      throw new IllegalArgumentException("head_dim must be even, was " + headDimension);
    }
    if (!(normEpsilon > 0)) {
      throw new IllegalArgumentException("rms_norm_eps must be positive, was " + normEpsilon);
    }
    if (!(initializerRange > 0)) {
      throw new IllegalArgumentException(
          "initializer_range must be positive, was " + initializerRange);
    }
  }

  /**
   * Returns the decoder of about 200,000 parameters that learns the House environment on a CPU in
   * minutes.
   *
   * @param vocabularySize number of words, special tokens included
   */
  public static ModelSpec house(int vocabularySize) {
    return new ModelSpec(
        Architecture.QWEN3,
        vocabularySize,
        /* hiddenSize= */ 96,
        /* layers= */ 2,
        /* attentionHeads= */ 4,
        /* keyValueHeads= */ 2,
        /* headDimension= */ 24,
        /* mlpSize= */ 256,
        /* maxPositions= */ 512,
        /* normEpsilon= */ 1e-6,
        /* tiedEmbeddings= */ true,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.02);
  }

  /**
   * Reads config.json.
   *
   * @throws CheckpointException when the file is unreadable, contradicts itself, or states a
   *     feature that this decoder does not have
   */
  public static ModelSpec read(Path configFile) {
    return ConfigJson.parse(configFile, JsonFiles.readUnambiguous(configFile));
  }

  /** Returns config.json's content with Hugging Face's key names. */
  public ObjectNode toJson() {
    return ConfigJson.toJson(this);
  }

  /** Reads a spec from config.json's content; {@code source} is only named in errors. */
  public static ModelSpec fromJson(Path source, JsonNode config) {
    return ConfigJson.parse(source, config);
  }

  /** Number of weights; a tied output projection counts once. */
  public long parameters() {
    return WeightLayout.of(this).parameters();
  }

  /** Shapes of the checkpoint's tensors by their names. */
  public SortedMap<String, List<Long>> tensorShapes() {
    SortedMap<String, List<Long>> shapes = new TreeMap<>();
    WeightLayout.of(this).slots().forEach(slot -> shapes.put(slot.name(), slot.shape()));
    return shapes;
  }

  public int groupSize() {
    return attentionHeads / keyValueHeads;
  }

  public int queryWidth() {
    return attentionHeads * headDimension;
  }

  public int keyValueWidth() {
    return keyValueHeads * headDimension;
  }

  /** Keys and values of one position in all layers. */
  public long cachedElements() {
    return 2L * layers * keyValueWidth();
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " must be positive, was " + value);
    }
  }
}
