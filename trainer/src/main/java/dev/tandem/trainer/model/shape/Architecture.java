package dev.tandem.trainer.model.shape;

/** The decoder families that one program text serves; they differ only in the flags below. */
public enum Architecture {
  /** Query and key are normalised per head; projections have no bias. */
  QWEN3("qwen3", "Qwen3ForCausalLM", true, false),
  /** Query, key and value projections have biases. */
  QWEN2("qwen2", "Qwen2ForCausalLM", false, true),
  /** Neither norms on query and key nor biases. */
  LLAMA("llama", "LlamaForCausalLM", false, false);

  private final String modelType;
  private final String className;
  private final boolean queryKeyNorm;
  private final boolean queryKeyValueBias;

  Architecture(
      String modelType, String className, boolean queryKeyNorm, boolean queryKeyValueBias) {
    this.modelType = modelType;
    this.className = className;
    this.queryKeyNorm = queryKeyNorm;
    this.queryKeyValueBias = queryKeyValueBias;
  }

  /** The {@code model_type} of config.json. */
  public String modelType() {
    return modelType;
  }

  /** The entry of {@code architectures} in config.json. */
  public String className() {
    return className;
  }

  /** Width of a head where config.json leaves head_dim out, as the family's own code has it. */
  int defaultHeadDimension(int hiddenSize, int attentionHeads) {
    return switch (this) {
      case QWEN3 -> 128;
      case QWEN2, LLAMA -> hiddenSize / Math.max(1, attentionHeads);
    };
  }

  public boolean hasQueryKeyNorm() {
    return queryKeyNorm;
  }

  public boolean hasQueryKeyValueBias() {
    return queryKeyValueBias;
  }
}
