package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The part of the program that multiplies with a block's matrices; the only part that knows about
 * LoRA. With an adapter, a targeted projection adds {@code scale * B (A x)}; without one, the text
 * has no trace of it.
 */
final class ProjectionScript {

  private final ModelSpec spec;
  private final Optional<LoraSettings> lora;
  private final int firstAdapter;
  private final StringBuilder text = new StringBuilder();

  private ProjectionScript(ModelSpec spec, Optional<LoraSettings> lora, int firstAdapter) {
    this.spec = spec;
    this.lora = lora;
    this.firstAdapter = firstAdapter;
  }

  /**
   * Returns the methods; each takes x [N, input width] and o, the index of the block's first tensor
   * in w, and returns [N, output width].
   *
   * @param firstAdapter index in the block of the adapter's first tensor
   */
  static String emit(ModelSpec spec, Optional<LoraSettings> lora, int firstAdapter) {
    ProjectionScript script = new ProjectionScript(spec, lora, firstAdapter);
    List<Projection> attention = Projection.FUSED.get(0);
    script.method("qkv", "$qkv_weight", "$qkv_bias", 0, attention);
    script.method(
        "queries",
        "torch.slice($qkv_weight, 0, 0, $query_width)",
        "$q_bias",
        0,
        attention.subList(0, 1));
    script.method(
        "keys_values",
        "torch.slice($qkv_weight, 0, $query_width)",
        "$kv_bias",
        0,
        attention.subList(1, 3));
    script.method("attention_out", "$o_weight", "None", 1, Projection.FUSED.get(1));
    script.method("gate_up", "$gate_up_weight", "None", 2, Projection.FUSED.get(2));
    script.method("down", "$down_weight", "None", 3, Projection.FUSED.get(3));
    return script.text.toString();
  }

  /** One method for some of the projections of one input. */
  private void method(
      String name, String weight, String bias, int group, List<Projection> projections) {
    line(
        1,
        "def %s(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: int) -> Tensor:"
            .formatted(name));
    String product = "(self).linear(x, %s, %s)".formatted(weight, bias);
    List<Projection> targets = lora.map(one -> one.among(projections)).orElse(List.of());
    if (targets.isEmpty()) {
      line(2, "return " + product);
      return;
    }
    LoraSettings settings = lora.orElseThrow();
    List<Projection> fused = settings.among(Projection.FUSED.get(group));
    int rank = settings.rank();
    int tensor = firstAdapterOf(settings, group);
    int from = fused.indexOf(targets.getFirst()) * rank;
    line(
        2,
        "a = (self).linear(x, torch.slice(%s, 0, %d, %d), None)"
            .formatted(DecoderProgram.tensor(tensor), from, from + targets.size() * rank));
    List<String> parts = new ArrayList<>();
    for (Projection projection : projections) {
      int target = targets.indexOf(projection);
      if (target < 0) {
        parts.add(
            "torch.new_zeros(x, [torch.size(x, 0), %d])".formatted(projection.outputWidth(spec)));
      } else {
        parts.add(
            "(self).linear(torch.slice(a, 1, %d, %d), %s, None)"
                .formatted(
                    target * rank,
                    (target + 1) * rank,
                    DecoderProgram.tensor(tensor + 1 + fused.indexOf(projection))));
      }
    }
    String term =
        parts.size() == 1
            ? parts.getFirst()
            : parts.stream().collect(Collectors.joining(", ", "torch.cat([", "], 1)"));
    line(2, "return torch.add(%s, %s, alpha=%s)".formatted(product, term, settings.scale()));
  }

  private int firstAdapterOf(LoraSettings settings, int group) {
    int next = firstAdapter;
    for (List<Projection> fused : Projection.FUSED.subList(0, group)) {
      int targets = settings.among(fused).size();
      next += targets == 0 ? 0 : 1 + targets;
    }
    return next;
  }

  private void line(int depth, String line) {
    text.append("  ".repeat(depth)).append(line).append('\n');
  }
}
