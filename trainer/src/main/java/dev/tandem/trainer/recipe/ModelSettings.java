package dev.tandem.trainer.recipe;

import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.policy.Policy;

/**
 * The model to train: a checkpoint, or a fresh Qwen3-style decoder with a vocabulary made for the
 * environment.
 *
 * @param checkpoint Hugging Face folder to begin from; empty to make a model and warm it up
 * @param width hidden size
 * @param headDim width of one attention head
 * @param mlpWidth inner width of the SwiGLU block
 * @param contextLength most tokens of prompt and response together
 * @param responseTokens most tokens of a response
 * @param precision arithmetic of training and sampling: float32 or bfloat16
 * @param lora whether an adapter learns instead of all weights
 */
public record ModelSettings(
    String checkpoint,
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int headDim,
    int mlpWidth,
    int contextLength,
    int responseTokens,
    Precision precision,
    LoraRecipe lora)
    implements Policy.Shape {
  /** About 245,000 parameters with House's vocabulary. */
  public static final ModelSettings DEFAULTS = new ModelSettings("", 2, 96, 4, 2, 24, 288, 512, 10);

  /** In single precision, with all weights learning. */
  public ModelSettings(
      String checkpoint,
      int layers,
      int width,
      int heads,
      int keyValueHeads,
      int headDim,
      int mlpWidth,
      int contextLength,
      int responseTokens) {
    this(
        checkpoint,
        layers,
        width,
        heads,
        keyValueHeads,
        headDim,
        mlpWidth,
        contextLength,
        responseTokens,
        Precision.FLOAT32,
        LoraRecipe.OFF);
  }

  public ModelSettings {
    Require.atLeast("layers", layers, 1);
    Require.atLeast("width", width, 8);
    Require.atLeast("heads", heads, 1);
    Require.atLeast("key_value_heads", keyValueHeads, 1);
    Require.atLeast("head_dim", headDim, 2);
    Require.atLeast("mlp_width", mlpWidth, 8);
    Require.atLeast("context_length", contextLength, 64);
    Require.within("response_tokens", responseTokens, 1, contextLength);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of key_value_heads, were %d and %d"
              .formatted(heads, keyValueHeads));
    }
    if (precision == Precision.FLOAT64) {
      throw new IllegalArgumentException(
          "precision float64 is for checking gradients; train in float32 or bfloat16");
    }
  }

  @Override
  public ModelSpec withVocabulary(int size) {
    return new ModelSpec(
        Architecture.QWEN3,
        size,
        width,
        layers,
        heads,
        keyValueHeads,
        headDim,
        mlpWidth,
        contextLength,
        1e-6,
        /* tiedEmbeddings= */ true,
        new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.08);
  }
}
