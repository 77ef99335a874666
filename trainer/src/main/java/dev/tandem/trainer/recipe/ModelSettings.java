package dev.tandem.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.harness.model.Price;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.yaml.Others;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
 * @param provider id of a provider that answers in the decoder's place; it cannot be trained, and
 *     no key of the decoder is for it. Empty for the decoder
 * @param price what the provider charges; nothing if not given
 * @param parameters what the provider declares
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
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
    LoraRecipe lora,
    String provider,
    @Nullable Price price,
    @JsonAnyGetter @Others(where = "provider") Map<String, Object> parameters)
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

  /** A decoder. */
  public ModelSettings(
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
      LoraRecipe lora) {
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
        precision,
        lora,
        /* provider= */ "",
        /* price= */ null,
        /* parameters= */ Map.of());
  }

  public ModelSettings {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    if (!provider.isEmpty() && !checkpoint.isEmpty()) {
      throw new IllegalArgumentException(
          "checkpoint and provider exclude each other: a provider brings its own weights");
    }
    Require.atLeast("layers", layers, 1);
    Require.atLeast("width", width, 8);
    Require.atLeast("heads", heads, 1);
    Require.atLeast("key_value_heads", keyValueHeads, 1);
    Require.atLeast("head_dim", headDim, 2);
    Require.atLeast("mlp_width", mlpWidth, 8);
    Require.atLeast("context_length", contextLength, 64);
    Require.within("response_tokens", responseTokens, 1, contextLength);
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException("head_dim must be even, was " + headDim);
    }
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

  /** The provider that answers in the decoder's place; empty for the decoder. */
  public Optional<ProviderSettings> outside() {
    return provider.isEmpty()
        ? Optional.empty()
        : Optional.of(new ProviderSettings(provider, price, parameters));
  }

  /** The same with all parameters of the provider written out. */
  public ModelSettings answeredBy(ProviderSettings complete) {
    return new ModelSettings(
        checkpoint,
        layers,
        width,
        heads,
        keyValueHeads,
        headDim,
        mlpWidth,
        contextLength,
        responseTokens,
        precision,
        lora,
        complete.provider(),
        complete.price(),
        complete.parameters());
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
