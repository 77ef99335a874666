package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.MatrixLibrary;
import dev.tandem.trainer.model.torch.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Emits the decoder's TorchScript text for one {@link ModelSpec}.
 *
 * <p>Everything that depends on the architecture is decided here, when the text is written, so that
 * the script itself has no flags: {@code $name} in the text blocks below is replaced by a number or
 * by the native tensor of that name.
 *
 * <p>What makes it fast on small models:
 *
 * <ul>
 *   <li>The last block computes keys and values for every position, but queries, attention output
 *       and the MLP only for the positions whose prediction is wanted (the response tokens; none
 *       while a prompt is read for sampling).
 *   <li>Rows are padded on the right, so causality alone keeps padding out of every real position.
 *   <li>Query heads that share a key head are folded into the query length, so keys are never
 *       repeated.
 * </ul>
 *
 * <p>Shapes in comments: B rows, L padded positions, N tokens (B x L, or fewer where they are
 * packed), R wanted positions a row (padded), M wanted positions in all, H and K query and key
 * heads, G = H / K, D head width, S positions of a cache, A allowed tokens, V the vocabulary.
 */
public final class DecoderProgram {

  public static final String CLASS_NAME = "Decoder";

  private static final Pattern NAME = Pattern.compile("\\$[A-Za-z_]+");

  private DecoderProgram() {}

  /**
   * Returns the program's source.
   *
   * @param lora the adapter whose tensors follow each block's own
   */
  public static String emit(ModelSpec spec, Execution execution, Optional<LoraSettings> lora) {
    Map<String, String> values = new HashMap<>();
    int own = tensorNames(spec, values);
    int stride = own + lora.map(AdapterLayout::tensorsPerBlock).orElse(0);
    values.put("$stride", String.valueOf(stride));
    values.put("$head", spec.tiedEmbeddings() ? "w[0]" : "w[-1]");
    values.put("$final_norm", spec.tiedEmbeddings() ? "w[-1]" : "w[-2]");
    values.put("$layers", String.valueOf(spec.layers()));
    values.put("$last", "torch.add(1, " + (spec.layers() - 1) * stride + ")");
    values.put("$epsilon", String.valueOf(spec.normEpsilon()));
    values.put("$query_width", String.valueOf(spec.queryWidth()));
    values.put("$HKK", String.valueOf(spec.attentionHeads() + 2 * spec.keyValueHeads()));
    values.put("$KK", String.valueOf(2 * spec.keyValueHeads()));
    values.put("$H", String.valueOf(spec.attentionHeads()));
    values.put("$K", String.valueOf(spec.keyValueHeads()));
    values.put("$G", String.valueOf(spec.groupSize()));
    values.put("$D", String.valueOf(spec.headDimension()));
    values.put("$half", String.valueOf(spec.headDimension() / 2));
    values.put("$compute", String.valueOf(execution.precision().computeType()));
    values.put("$master", String.valueOf(execution.precision().masterType()));
    String text =
        HEAD
            + products(execution, values)
            + (spec.architecture().hasQueryKeyNorm() ? HEAD_NORM : NO_HEAD_NORM)
            + ProjectionScript.emit(spec, lora, own)
            + BLOCKS
            + ScoringScript.emit(execution.trainingMemory(), values)
            + LossHeadScript.emit(spec, execution, lora.isEmpty(), values)
            + GradientScript.emit(
                spec, execution.trainingMemory(), lora.isPresent(), own, stride, values)
            + SamplingScript.emit(spec, execution.packsSampling(), execution.precision(), values)
            + OptimiserScript.emit(execution.precision());
    return NAME.matcher(text)
        .replaceAll(
            match -> {
              String value = values.get(match.group());
              if (value == null) {
                throw new IllegalStateException("the program names " + match.group());
              }
              return value;
            });
  }

  private static String products(Execution execution, Map<String, String> values) {
    boolean widened = execution.widensProducts();
    boolean oneDnn = oneDnn(execution);
    values.put("$few", String.valueOf(WORTH_WIDENING));
    values.put("$product", oneDnn ? ONE_DNN.formatted("x", "weight", "bias") : TORCH);
    values.put(
        "$back_product",
        oneDnn ? ONE_DNN.formatted("g", "torch.t(weight)", "None") : "torch.mm(g, weight)");
    boolean narrow = execution.precision().copiesMasters() && !widened;
    boolean adds = !oneDnn || execution.matrixLibrary() != MatrixLibrary.ONE_DNN;
    values.put(
        "$weight_product",
        oneDnn ? ONE_DNN.formatted("torch.t(g)", "torch.t(x)", "None") : "torch.mm(torch.t(g), x)");
    return (widened ? WIDENED : SAME) + INPUT_BACK + (adds && !narrow ? ADDED : MULTIPLIED);
  }

  /** Its wrapper here is for 32 bits; libtorch itself hands bfloat16 products to oneDNN. */
  private static boolean oneDnn(Execution execution) {
    return execution.matrixLibrary().packs()
        && (execution.precision() == Precision.FLOAT32 || execution.widensProducts());
  }

  /** Names a block's tensors, in the order of {@link WeightLayout}; returns how many there are. */
  private static int tensorNames(ModelSpec spec, Map<String, String> values) {
    int next = 0;
    tensor("$input_norm", next++, values);
    tensor("$qkv_weight", next++, values);
    values.put("$qkv_bias", "None");
    values.put("$q_bias", "None");
    values.put("$kv_bias", "None");
    if (spec.architecture().hasQueryKeyValueBias()) {
      tensor("$qkv_bias", next++, values);
      for (String suffix : List.of("", "_sum")) {
        String bias = values.getOrDefault("$qkv_bias" + suffix, "");
        values.put(
            "$q_bias" + suffix, "torch.slice(%s, 0, 0, %d)".formatted(bias, spec.queryWidth()));
        values.put(
            "$kv_bias" + suffix, "torch.slice(%s, 0, %d)".formatted(bias, spec.queryWidth()));
      }
    }
    values.put("$q_norm", "None");
    values.put("$k_norm", "None");
    if (spec.architecture().hasQueryKeyNorm()) {
      tensor("$q_norm", next++, values);
      tensor("$k_norm", next++, values);
    }
    tensor("$o_weight", next++, values);
    tensor("$post_norm", next++, values);
    tensor("$gate_up_weight", next++, values);
    tensor("$down_weight", next++, values);
    return next;
  }

  /** Names a tensor of a block, its place there, and the sum of its gradients if it learns. */
  private static void tensor(String name, int index, Map<String, String> values) {
    values.put(name, tensor(index));
    values.put(name + "_at", String.valueOf(index));
    values.put(name + "_sum", "sums[torch.add(s, " + index + ")]");
  }

  /** The native tensor at {@code index} of the block whose tensors start at {@code o}. */
  static String tensor(int index) {
    return "w[torch.add(o, " + index + ")]";
  }

  private static final String HEAD =
      """
      class Decoder(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def norm(self: __torch__.Decoder, x: Tensor, gain: Tensor) -> Tensor:
          return torch.rms_norm(x, [torch.size(x, -1)], gain, $epsilon)
        def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
          return torch.addcmul(torch.mul(x, cos), torch.roll(x, [$half], [-1]), sin)
      """;

  private static final String TORCH = "torch.linear(x, weight, bias)";

  // Of oneDNN's two linear operators the one without a gradient: inputs and outputs stay where they
  // are.
  private static final String ONE_DNN =
      "ops.mkldnn._linear_pointwise(%s, %s, %s, \"none\", annotate(List[Optional[number]], []),"
          + " \"\")";

  /**
   * Of fewer rows a product reads its matrix in less time than widening it takes: measured with 512
   * x 3,072 on AVX2, a thread, 0.5, 0.9, 1.9 and 3.0 ms for 1, 2, 4 and 8 rows, widened 0.9 ms for
   * one and 1.5 for four; for 64 they are 36 and 3.8.
   */
  private static final int WORTH_WIDENING = 4;

  // `wide` is the type that matrices are multiplied in. Beside `linear` stands its way back: `g`,
  // the
  // loss by its result, comes wide.

  private static final String SAME =
      """
        def wide(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return x
        def linear(self: __torch__.Decoder, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          return $product
      """;

  private static final String WIDENED =
      """
        def wide(self: __torch__.Decoder, x: Tensor) -> Tensor:
          return torch.to(x, $master)
        def linear(self: __torch__.Decoder, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          if torch.lt(torch.size(x, 0), $few):
            y = torch.linear(x, weight, bias)
          else:
            if torch.__isnot__(bias, None):
              bias = torch.to(unchecked_cast(Tensor, bias), $master)
            x = torch.to(x, $master)
            weight = torch.to(weight, $master)
            y = torch.to($product, $compute)
          return y
      """;

  private static final String INPUT_BACK =
      """
        def input_back(self: __torch__.Decoder, g: Tensor, weight: Tensor) -> Tensor:
          weight = (self).wide(torch.detach(weight))
          return torch.to($back_product, $compute)
      """;

  private static final String ADDED =
      """
        def add_weight(self: __torch__.Decoder, sum: Tensor, g: Tensor, x: Tensor) -> None:
          _0 = torch.addmm_(sum, torch.t(g), (self).wide(torch.detach(x)))
      """;

  private static final String MULTIPLIED =
      """
        def add_weight(self: __torch__.Decoder, sum: Tensor, g: Tensor, x: Tensor) -> None:
          x = (self).wide(torch.detach(x))
          _0 = torch.add_(sum, $weight_product)
      """;

  private static final String HEAD_NORM =
      """
        def head_norm(self: __torch__.Decoder, x: Tensor, gain: Optional[Tensor]) -> Tensor:
          return torch.rms_norm(x, [$D], gain, $epsilon)
      """;

  private static final String NO_HEAD_NORM =
      """
        def head_norm(self: __torch__.Decoder, x: Tensor, gain: Optional[Tensor]) -> Tensor:
          return x
      """;

  private static final String BLOCKS =
      """
        def attend(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
          # q [B, R, H, D]; k, v [B, L, K, D]; mask [B or 1, 1, R x G, L]; result [B x R, H x D]
          b = torch.size(q, 0)
          q = torch.permute(torch.view(q, [b, -1, $K, $G, $D]), [0, 2, 1, 3, 4])
          q = (self).wide(torch.reshape(q, [b, $K, -1, $D]))
          k = (self).wide(torch.transpose(k, 1, 2))
          v = (self).wide(torch.transpose(v, 1, 2))
          a = torch.to(torch.scaled_dot_product_attention(q, k, v, mask), $compute)
          a = torch.permute(torch.reshape(a, [b, $K, -1, $G, $D]), [0, 2, 1, 3, 4])
          return torch.reshape(a, [-1, $query_width])
        def causal(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
          # q [B, L, H, D]; k, v [B, L, K, D]; result [B x L, H x D]: a key head is a sequence of the
          # kernel's batch and the heads that share it read it where it is
          b = torch.size(q, 0)
          n = torch.size(q, 1)
          q = torch.permute(torch.view(q, [b, n, $K, $G, $D]), [0, 2, 3, 1, 4])
          q = (self).wide(torch.reshape(q, [-1, $G, n, $D]))
          k = (self).wide(torch.reshape(torch.transpose(k, 1, 2), [-1, 1, n, $D]))
          v = (self).wide(torch.reshape(torch.transpose(v, 1, 2), [-1, 1, n, $D]))
          k = torch.expand(k, [-1, $G, n, $D])
          v = torch.expand(v, [-1, $G, n, $D])
          a = torch.to(torch.scaled_dot_product_attention(q, k, v, None, 0., True), $compute)
          a = torch.permute(torch.view(a, [b, $K, $G, n, $D]), [0, 3, 1, 2, 4])
          return torch.reshape(a, [-1, $query_width])
        def gated(self: __torch__.Decoder, p: Tensor) -> Tensor:
          gate, up, = torch.chunk(p, 2, 1)
          return torch.mul(torch.silu(gate), up)
        def mlp(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: int) -> Tensor:
          p = (self).gate_up((self).norm(x, $post_norm), w, o)
          return torch.add(x, (self).down((self).gated(p), w, o))
        def attention(self: __torch__.Decoder, p: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], o: int) -> Tensor:
          # p [B, L, H + 2 K, D]; cos, sin [L, 1, D]; result [B x L, H x D]
          q, k, v, = torch.split_with_sizes(p, [$H, $K, $K], 2)
          q = (self).rotate((self).head_norm(q, $q_norm), cos, sin)
          k = (self).rotate((self).head_norm(k, $k_norm), cos, sin)
          return (self).causal(q, k, v)
        def wanted_attention(self: __torch__.Decoder, q: Tensor, p: Tensor, wanted: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], o: int) -> Tensor:
          # q [B, R, H, D] at the positions wanted [B, R]; p [B, L, 2 K, D]; result [B x R, H x D]
          k, v, = torch.chunk(p, 2, 2)
          k = (self).rotate((self).head_norm(k, $k_norm), cos, sin)
          position = torch.reshape(wanted, [-1])
          shape = [torch.size(wanted, 0), torch.size(wanted, 1), 1, $D]
          cq = torch.view(torch.index_select(cos, 0, position), shape)
          sq = torch.view(torch.index_select(sin, 0, position), shape)
          q = (self).rotate((self).head_norm(q, $q_norm), cq, sq)
          seen = torch.repeat_interleave(wanted, $G, 1)
          at = torch.arange(torch.size(p, 1), dtype=4, device=ops.prim.device(wanted))
          mask = torch.unsqueeze(torch.ge(torch.unsqueeze(seen, -1), at), 1)
          return (self).attend(q, k, v, mask)
      """;
}
