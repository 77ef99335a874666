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
 *
 * <p>The way back is written out here and not left to autograd: a matrix's gradient is then a
 * product that adds to its sum, with no tensor of its own and no addition after it, and a product
 * that is computed in another type than it is kept in holds on to nothing in that type.
 */
final class ProjectionScript {

  private static final String NO_BIAS = "None";

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
   * Returns the methods. Each takes x [N, input width] and o, the index of the block's first tensor
   * in w, and returns y [N, output width]. Beside it stands its way back, which takes the loss by y
   * and x, adds the loss by what learns to sums, of which s is the block's first, and returns the
   * loss by x.
   *
   * @param firstAdapter index in the block of the adapter's first tensor
   */
  static String emit(ModelSpec spec, Optional<LoraSettings> lora, int firstAdapter) {
    ProjectionScript script = new ProjectionScript(spec, lora, firstAdapter);
    List<Projection> attention = Projection.FUSED.get(0);
    script.methods("qkv", "%s", "$qkv_weight", "$qkv_bias", 0, attention);
    script.methods(
        "queries",
        "torch.slice(%s, 0, 0, $query_width)",
        "$qkv_weight",
        "$q_bias",
        0,
        attention.subList(0, 1));
    script.methods(
        "keys_values",
        "torch.slice(%s, 0, $query_width)",
        "$qkv_weight",
        "$kv_bias",
        0,
        attention.subList(1, 3));
    script.methods("attention_out", "%s", "$o_weight", NO_BIAS, 1, Projection.FUSED.get(1));
    script.methods("gate_up", "%s", "$gate_up_weight", NO_BIAS, 2, Projection.FUSED.get(2));
    script.methods("down", "%s", "$down_weight", NO_BIAS, 3, Projection.FUSED.get(3));
    return script.text.toString();
  }

  /**
   * Two methods for some of the projections of one input.
   *
   * @param rows which rows of the matrix are theirs
   */
  private void methods(
      String name,
      String rows,
      String matrix,
      String bias,
      int group,
      List<Projection> projections) {
    String weight = rows.formatted(matrix);
    List<Projection> targets = lora.map(one -> one.among(projections)).orElse(List.of());
    line(
        1,
        "def %s(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: int) -> Tensor:"
            .formatted(name));
    String product = "(self).linear(x, %s, %s)".formatted(weight, bias);
    if (targets.isEmpty()) {
      line(2, "return " + product);
    } else {
      adapted(product, group, projections, targets);
    }
    line(
        1,
        "def %s_back(self: __torch__.Decoder, g: Tensor, x: Tensor, sums: List[Tensor], s: int, w: List[Tensor], o: int) -> Tensor:"
            .formatted(name));
    line(2, "g = (self).wide(g)");
    if (lora.isEmpty()) {
      line(2, "(self).add_weight(%s, g, x)".formatted(rows.formatted(matrix + "_sum")));
      if (!bias.equals(NO_BIAS) && spec.architecture().hasQueryKeyValueBias()) {
        line(2, "_0 = torch.add_(%s_sum, torch.sum(g, [0], dtype=$master))".formatted(bias));
      }
    }
    String back = "(self).input_back(g, %s)".formatted(weight);
    if (targets.isEmpty()) {
      line(2, "return " + back);
    } else {
      adaptedBack(back, group, projections, targets);
    }
  }

  private void adapted(
      String product, int group, List<Projection> projections, List<Projection> targets) {
    LoraSettings settings = lora.orElseThrow();
    List<Projection> fused = settings.among(Projection.FUSED.get(group));
    int rank = settings.rank();
    int tensor = firstAdapterOf(settings, group);
    line(2, "a = (self).linear(x, %s, None)".formatted(rowsOfA(group, targets, "w", "o", tensor)));
    List<String> parts = new ArrayList<>();
    for (Projection projection : projections) {
      int target = targets.indexOf(projection);
      if (target < 0) {
        parts.add(
            "torch.new_zeros(x, [torch.size(x, 0), %d])".formatted(projection.outputWidth(spec)));
      } else {
        parts.add(
            "(self).linear(%s, %s, None)"
                .formatted(
                    columns("a", target * rank, rank),
                    DecoderProgram.tensor(tensor + 1 + fused.indexOf(projection))));
      }
    }
    line(
        2,
        "return torch.add(%s, %s, alpha=%s)".formatted(product, joined(parts), settings.scale()));
  }

  /** With ga the loss by A x, which is computed again: to B goes g (A x), to A goes ga x. */
  private void adaptedBack(
      String back, int group, List<Projection> projections, List<Projection> targets) {
    LoraSettings settings = lora.orElseThrow();
    List<Projection> fused = settings.among(Projection.FUSED.get(group));
    int rank = settings.rank();
    int tensor = firstAdapterOf(settings, group);
    int sum = tensor - firstAdapter;
    String rows = rowsOfA(group, targets, "w", "o", tensor);
    line(2, "x = torch.detach(x)");
    line(
        2,
        "a = torch.mul((self).linear(x, torch.detach(%s), None), %s)"
            .formatted(rows, settings.scale()));
    List<String> parts = new ArrayList<>();
    int column = 0;
    for (Projection projection : projections) {
      int width = projection.outputWidth(spec);
      int target = targets.indexOf(projection);
      if (target >= 0) {
        int b = 1 + fused.indexOf(projection);
        String part = "g%d".formatted(target);
        line(2, "%s = %s".formatted(part, columns("g", column, width)));
        line(
            2,
            "(self).add_weight(sums[torch.add(s, %d)], %s, %s)"
                .formatted(sum + b, part, columns("a", target * rank, rank)));
        parts.add("(self).input_back(%s, %s)".formatted(part, DecoderProgram.tensor(tensor + b)));
      }
      column += width;
    }
    line(2, "ga = (self).wide(torch.mul(%s, %s))".formatted(joined(parts), settings.scale()));
    line(2, "(self).add_weight(%s, ga, x)".formatted(rowsOfA(group, targets, "sums", "s", sum)));
    line(2, "return torch.add_(%s, (self).input_back(ga, %s))".formatted(back, rows));
  }

  /** The rows of a fused A, or of its sum, that belong to neighbouring targets. */
  private String rowsOfA(
      int group, List<Projection> targets, String list, String first, int tensor) {
    LoraSettings settings = lora.orElseThrow();
    int from =
        settings.among(Projection.FUSED.get(group)).indexOf(targets.getFirst()) * settings.rank();
    return "torch.slice(%s[torch.add(%s, %d)], 0, %d, %d)"
        .formatted(list, first, tensor, from, from + targets.size() * settings.rank());
  }

  private static String columns(String matrix, int from, int width) {
    return "torch.slice(%s, 1, %d, %d)".formatted(matrix, from, from + width);
  }

  private static String joined(List<String> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : parts.stream().collect(Collectors.joining(", ", "torch.cat([", "], 1)"));
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
