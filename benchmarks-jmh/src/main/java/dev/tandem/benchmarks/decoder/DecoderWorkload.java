package dev.tandem.benchmarks.decoder;

import dev.tandem.benchmarks.house.House;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.recipe.ModelSettings;

/** A decoder and the lengths it works on. */
public enum DecoderWorkload {
  /** What House trains: 0.25 million parameters, prompts and responses as long as its turns. */
  HOUSE(56, 8),

  /** 3.4 million parameters, 256 tokens: large enough that its matrix products dominate. */
  MEDIUM(128, 128);

  private final int promptTokens;
  private final int responseTokens;

  DecoderWorkload(int promptTokens, int responseTokens) {
    this.promptTokens = promptTokens;
    this.responseTokens = responseTokens;
  }

  ModelSpec spec() {
    return switch (this) {
      case HOUSE -> ModelSettings.DEFAULTS.withVocabulary(House.vocabularySize());
      case MEDIUM ->
          new ModelSpec(
              Architecture.QWEN3,
              /* vocabularySize= */ 1024,
              /* hiddenSize= */ 256,
              /* layers= */ 4,
              /* attentionHeads= */ 4,
              /* keyValueHeads= */ 2,
              /* headDimension= */ 64,
              /* mlpSize= */ 768,
              /* maxPositions= */ 512,
              /* normEpsilon= */ 1e-6,
              /* tiedEmbeddings= */ true,
              new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
              /* initializerRange= */ 0.02);
    };
  }

  int promptTokens() {
    return promptTokens;
  }

  int responseTokens() {
    return responseTokens;
  }

  int rowTokens() {
    return promptTokens + responseTokens;
  }
}
