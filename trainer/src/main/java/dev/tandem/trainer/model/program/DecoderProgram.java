package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import java.util.HashMap;
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
            + (usesOneDnn(execution) ? LINEAR_ONE_DNN : LINEAR)
            + (spec.architecture().hasQueryKeyNorm() ? HEAD_NORM : NO_HEAD_NORM)
            + ProjectionScript.emit(spec, lora, own)
            + BLOCKS
            + ScoringScript.emit(execution.trainingMemory(), values)
            + LossHeadScript.emit(spec, execution, lora.isEmpty(), values)
            + GradientScript.emit(
                spec, execution.trainingMemory(), lora.isPresent(), own, stride, values)
            + SamplingScript.emit(spec, usesOneDnn(execution), execution.precision(), values)
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

  /** Its wrapper here is for 32 bits; libtorch itself hands bfloat16 products to oneDNN. */
  private static boolean usesOneDnn(Execution execution) {
    return switch (execution.precision()) {
      case FLOAT32 ->
          switch (execution.matrixLibrary()) {
            case ONE_DNN -> true;
            case DEVICE_DEFAULT -> false;
          };
      case BFLOAT16, FLOAT64 -> false;
    };
  }

  /** Names a block's tensors, in the order of {@link WeightLayout}; returns how many there are. */
  private static int tensorNames(ModelSpec spec, Map<String, String> values) {
    int next = 0;
    values.put("$input_norm", tensor(next++));
    values.put("$qkv_weight", tensor(next++));
    if (spec.architecture().hasQueryKeyValueBias()) {
      String bias = tensor(next++);
      values.put("$qkv_bias", bias);
      values.put("$q_bias", "torch.slice(" + bias + ", 0, 0, " + spec.queryWidth() + ")");
      values.put("$kv_bias", "torch.slice(" + bias + ", 0, " + spec.queryWidth() + ")");
    } else {
      for (String bias : new String[] {"$qkv_bias", "$q_bias", "$kv_bias"}) {
        values.put(bias, "None");
      }
    }
    if (spec.architecture().hasQueryKeyNorm()) {
      values.put("$q_norm", tensor(next++));
      values.put("$k_norm", tensor(next++));
    } else {
      values.put("$q_norm", "None");
      values.put("$k_norm", "None");
    }
    values.put("$o_weight", tensor(next++));
    values.put("$post_norm", tensor(next++));
    values.put("$gate_up_weight", tensor(next++));
    values.put("$down_weight", tensor(next++));
    return next;
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

  private static final String LINEAR =
      """
        def linear(self: __torch__.Decoder, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          return torch.linear(x, weight, bias)
      """;

  // mkldnn_linear is the differentiable one; its output layout is plain, so the conversions are
  // copies.
  private static final String LINEAR_ONE_DNN =
      """
        def linear(self: __torch__.Decoder, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          if torch.is_grad_enabled():
            y = torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(x), weight, bias))
          else:
            y = ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
          return y
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
          q = torch.reshape(q, [b, $K, -1, $D])
          a = torch.scaled_dot_product_attention(q, torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), mask)
          a = torch.permute(torch.reshape(a, [b, $K, -1, $G, $D]), [0, 2, 1, 3, 4])
          return torch.reshape(a, [-1, $query_width])
        def mlp(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: int) -> Tensor:
          gate, up, = torch.chunk((self).gate_up((self).norm(x, $post_norm), w, o), 2, 1)
          return torch.add(x, (self).down(torch.mul(torch.silu(gate), up), w, o))
        def attention(self: __torch__.Decoder, p: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, w: List[Tensor], o: int) -> Tuple[Tensor, Tensor, Tensor]:
          # p [B, L, H + 2 K, D]; cos, sin [L, 1, D]; result [B x L, H x D], keys and values [B, L, K, D]
          q, k, v, = torch.split_with_sizes(p, [$H, $K, $K], 2)
          q = (self).rotate((self).head_norm(q, $q_norm), cos, sin)
          k = (self).rotate((self).head_norm(k, $k_norm), cos, sin)
          return ((self).attend(q, k, v, mask), k, v)
        def wanted_attention(self: __torch__.Decoder, q: Tensor, p: Tensor, wanted: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], o: int) -> Tuple[Tensor, Tensor, Tensor]:
          # q [B, R, H, D] at the positions wanted [B, R]; p [B, L, 2 K, D]; result [B x R, H x D], keys and values
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
          return ((self).attend(q, k, v, mask), k, v)
        def block(self: __torch__.Decoder, x: Tensor, b: int, cos: Tensor, sin: Tensor, mask: Tensor, w: List[Tensor], o: int) -> Tuple[Tensor, Tensor, Tensor]:
          # x [N, hidden]; cos, sin [L, 1, D]; result x, keys and values [B, L, K, D]
          p = torch.view((self).qkv((self).norm(x, $input_norm), w, o), [b, -1, $HKK, $D])
          a, k, v, = (self).attention(p, cos, sin, mask, w, o)
          x = torch.add(x, (self).attention_out(a, w, o))
          return ((self).mlp(x, w, o), k, v)
        def last_block(self: __torch__.Decoder, x: Tensor, wanted: Tensor, keep: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], o: int) -> Tuple[Tensor, Tensor, Tensor]:
          # wanted [B, R] positions in the row; keep [M] indices into B x R; result x [M, hidden], keys and values
          b = torch.size(wanted, 0)
          h = (self).norm(x, $input_norm)
          p = torch.view((self).keys_values(h, w, o), [b, -1, $KK, $D])
          start = torch.mul(torch.arange(b, dtype=4, device=ops.prim.device(wanted)), torch.size(p, 1))
          flat = torch.reshape(torch.add(wanted, torch.unsqueeze(start, 1)), [-1])
          q = torch.view((self).queries(torch.index_select(h, 0, flat), w, o), [b, -1, $H, $D])
          a, k, v, = (self).wanted_attention(q, p, wanted, cos, sin, w, o)
          a = (self).attention_out(torch.index_select(a, 0, keep), w, o)
          x = torch.add(torch.index_select(x, 0, torch.index_select(flat, 0, keep)), a)
          return ((self).mlp(x, w, o), k, v)
        def causal(self: __torch__.Decoder, n: int, like: Tensor) -> Tensor:
          # [1, 1, L x G, L] on the device of like: 0, or minus infinity for what is hidden; from
          # true and false every layer would make and keep these numbers for itself
          at = torch.arange(n, dtype=4, device=ops.prim.device(like))
          hidden = torch.lt(torch.unsqueeze(torch.repeat_interleave(at, $G), 1), at)
          mask = torch.masked_fill_(torch.zeros([torch.mul(n, $G), n], dtype=$compute, device=ops.prim.device(like)), hidden, -inf)
          return torch.unsqueeze(torch.unsqueeze(mask, 0), 0)
      """;
}
