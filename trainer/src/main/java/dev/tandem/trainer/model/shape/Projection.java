package dev.tandem.trainer.model.shape;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The seven matrices of a block, which a LoRA adapter may adapt. */
public enum Projection {
  Q_PROJ("self_attn"),
  K_PROJ("self_attn"),
  V_PROJ("self_attn"),
  O_PROJ("self_attn"),
  GATE_PROJ("mlp"),
  UP_PROJ("mlp"),
  DOWN_PROJ("mlp");

  /** Projections of the same input, in the order in which their matrices are fused. */
  public static final List<List<Projection>> FUSED =
      List.of(
          List.of(Q_PROJ, K_PROJ, V_PROJ),
          List.of(O_PROJ),
          List.of(GATE_PROJ, UP_PROJ),
          List.of(DOWN_PROJ));

  private final String parent;

  Projection(String parent) {
    this.parent = parent;
  }

  /**
   * Returns the projection of a name as adapters write it, such as {@code q_proj}.
   *
   * @throws IllegalArgumentException when no projection has that name
   */
  public static Projection named(String name) {
    return Arrays.stream(values())
        .filter(one -> one.moduleName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "LoRA target \"%s\" matches no projection of the model; choose among %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(Projection::moduleName)
                                .collect(Collectors.joining(", ")))));
  }

  /** Hugging Face's name of the module, such as {@code q_proj}. */
  public String moduleName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The module's name inside a block, such as {@code self_attn.q_proj}. */
  String path() {
    return parent + "." + moduleName();
  }

  int inputWidth(ModelSpec spec) {
    return switch (this) {
      case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ -> spec.hiddenSize();
      case O_PROJ -> spec.queryWidth();
      case DOWN_PROJ -> spec.mlpSize();
    };
  }

  public int outputWidth(ModelSpec spec) {
    return switch (this) {
      case Q_PROJ -> spec.queryWidth();
      case K_PROJ, V_PROJ -> spec.keyValueWidth();
      case O_PROJ, DOWN_PROJ -> spec.hiddenSize();
      case GATE_PROJ, UP_PROJ -> spec.mlpSize();
    };
  }
}
