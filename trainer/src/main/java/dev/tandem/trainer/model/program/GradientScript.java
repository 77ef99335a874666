package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.TrainingMemory;
import java.util.Map;

/**
 * The part of the program that differentiates: from the loss by the final hidden states to the loss
 * by every tensor that learns, in their order.
 *
 * <p>{@code forward} returns states for {@code backward}: what lies between a block's products,
 * with autograd's graph of each such stretch alive; or, where layers are recomputed, the blocks'
 * inputs and no graph at all. The products themselves have none: {@link ProjectionScript} has their
 * way back, and a block's goes from product to product, each of which adds its gradient to the sums
 * at once. The embedding's gradient is added up by token id, so that no dense gradient of it is
 * made besides the sum.
 */
final class GradientScript {

  private GradientScript() {}

  /**
   * @param own how many tensors a block has without its adapter
   * @param stride how many with it
   * @param values what names in the text stand for
   */
  static String emit(
      ModelSpec spec,
      TrainingMemory memory,
      boolean adapted,
      int own,
      int stride,
      Map<String, String> values) {
    values.put("$learning", String.valueOf(adapted ? stride - own : stride));
    values.put("$first_sum", adapted ? "0" : "1");
    values.put("$head_sum", spec.tiedEmbeddings() ? "sums[0]" : "sums[-1]");
    values.put("$final_norm_at", spec.tiedEmbeddings() ? "-1" : "-2");
    boolean headGains = !adapted && spec.architecture().hasQueryKeyNorm();
    return (adapted ? FROZEN_GAINS : GAINS)
        + (headGains ? HEAD_GAINS : NO_HEAD_GAINS)
        + (memory.recomputeLayers() ? RECOMPUTED : KEPT)
        + BLOCKS
        + TEXT;
  }

  // What learns besides the matrices: gains, and the embedding, given the loss by what was looked
  // up in it, gx [N, hidden].

  private static final String FROZEN_GAINS =
      """
        def norm_back(self: __torch__.Decoder, x: Tensor, y: Tensor, g: Tensor, gain: Tensor, sums: List[Tensor], at: int) -> Tensor:
          gs = torch.grad([y], [x], annotate(List[Optional[Tensor]], [g]))
          return unchecked_cast(Tensor, gs[0])
        def add_embedding(self: __torch__.Decoder, gx: Tensor, c: List[Tensor], sums: List[Tensor]) -> None:
          pass
      """;

  private static final String GAINS =
      """
        def norm_back(self: __torch__.Decoder, x: Tensor, y: Tensor, g: Tensor, gain: Tensor, sums: List[Tensor], at: int) -> Tensor:
          # the loss by y to that by x; the gain's is added to its sum
          gs = torch.grad([y], [x, gain], annotate(List[Optional[Tensor]], [g]))
          _0 = torch.add_(sums[at], unchecked_cast(Tensor, gs[1]))
          return unchecked_cast(Tensor, gs[0])
        def add_embedding(self: __torch__.Decoder, gx: Tensor, c: List[Tensor], sums: List[Tensor]) -> None:
          _0 = torch.index_add_(sums[0], 0, $ids, torch.to(gx, $master))
      """;

  private static final String NO_HEAD_GAINS =
      """
        def attention_back(self: __torch__.Decoder, projected: List[Tensor], a: Tensor, g: Tensor, sums: List[Tensor], s: int, w: List[Tensor], o: int) -> List[Tensor]:
          gs = torch.grad([a], projected, annotate(List[Optional[Tensor]], [g]))
          out = annotate(List[Tensor], [])
          for i in range(torch.len(projected)):
            _0 = torch.append(out, unchecked_cast(Tensor, gs[i]))
          return out
      """;

  private static final String HEAD_GAINS =
      """
        def attention_back(self: __torch__.Decoder, projected: List[Tensor], a: Tensor, g: Tensor, sums: List[Tensor], s: int, w: List[Tensor], o: int) -> List[Tensor]:
          # the loss by attention's result to that by what was projected for it
          gs = torch.grad([a], torch.add(projected, [$q_norm, $k_norm]), annotate(List[Optional[Tensor]], [g]))
          _0 = torch.add_($q_norm_sum, unchecked_cast(Tensor, gs[-2]))
          _1 = torch.add_($k_norm_sum, unchecked_cast(Tensor, gs[-1]))
          out = annotate(List[Tensor], [])
          for i in range(torch.len(projected)):
            _2 = torch.append(out, unchecked_cast(Tensor, gs[i]))
          return out
      """;

  private static final String KEPT =
      """
        def states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          cos, sin, = (self).rotary(c)
          x = torch.embedding(torch.detach(w[0]), $ids)
          out = annotate(List[Tensor], [])
          for i in range(torch.sub($layers, 1)):
            out = torch.add(out, (self).block_states(x, cos, sin, c, w, torch.add(1, torch.mul(i, $stride))))
            x = out[-1]
          return torch.add(out, (self).last_block_states(x, cos, sin, c, w, $last))
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> None:
          first = torch.mul(9, torch.sub($layers, 1))
          gx = (self).last_block_back(torch.slice(states, first), gh, sums, c, w)
          for j in range(torch.sub($layers, 1)):
            i = torch.sub(torch.sub($layers, 2), j)
            first = torch.mul(9, i)
            gx = (self).block_back(torch.slice(states, first, torch.add(first, 9)), gx, i, sums, w)
          (self).add_embedding(gx, c, sums)
      """;

  private static final String RECOMPUTED =
      """
        def states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          torch.set_grad_enabled(False)
          cos, sin, = (self).rotary(c)
          x = torch.embedding(w[0], $ids)
          out = [x]
          for i in range(torch.sub($layers, 1)):
            x = (self).flat_block(x, cos, sin, c, w, torch.add(1, torch.mul(i, $stride)))
            _0 = torch.append(out, x)
          _1 = torch.append(out, (self).flat_last_block(x, cos, sin, c, w, $last))
          torch.set_grad_enabled(True)
          return out
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> None:
          cos, sin, = (self).rotary(c)
          gx = (self).last_block_back((self).last_block_states(states[-2], cos, sin, c, w, $last), gh, sums, c, w)
          for j in range(torch.sub($layers, 1)):
            i = torch.sub(torch.sub($layers, 2), j)
            again = (self).block_states(states[i], cos, sin, c, w, torch.add(1, torch.mul(i, $stride)))
            gx = (self).block_back(again, gx, i, sums, w)
          (self).add_embedding(gx, c, sums)
      """;

  // Grad mode is off for products and on between them.
  private static final String BLOCKS =
      """
        def block_states(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> List[Tensor]:
          # what the way back reads, nine tensors, of which the last is the block's result
          x = torch.requires_grad_(torch.detach(x), True)
          h = (self).norm(x, $input_norm)
          torch.set_grad_enabled(False)
          p = (self).qkv(h, w, o)
          torch.set_grad_enabled(True)
          p = torch.requires_grad_(p, True)
          a = (self).flat_attention(p, cos, sin, c, w, o)
          torch.set_grad_enabled(False)
          y = torch.add(x, (self).attention_out(a, w, o))
          torch.set_grad_enabled(True)
          return torch.add([x, h, p, a], (self).mlp_states(y, w, o))
        def mlp_states(self: __torch__.Decoder, x: Tensor, w: List[Tensor], o: int) -> List[Tensor]:
          x = torch.requires_grad_(x, True)
          h = (self).norm(x, $post_norm)
          torch.set_grad_enabled(False)
          p = (self).gate_up(h, w, o)
          torch.set_grad_enabled(True)
          p = torch.requires_grad_(p, True)
          a = (self).gated(p)
          torch.set_grad_enabled(False)
          y = torch.add(x, (self).down(a, w, o))
          torch.set_grad_enabled(True)
          return [x, h, p, a, y]
        def last_block_states(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> List[Tensor]:
          # the last of these are the final states [M, hidden]
          x = torch.requires_grad_(torch.detach(x), True)
          h = (self).norm(x, $input_norm)
          torch.set_grad_enabled(False)
          p = (self).keys_values(h, w, o)
          asking = torch.index_select(h, 0, $source)
          q = (self).queries(asking, w, o)
          torch.set_grad_enabled(True)
          p = torch.requires_grad_(p, True)
          q = torch.requires_grad_(q, True)
          a = (self).flat_wanted_attention(q, p, cos, sin, c, w, o)
          torch.set_grad_enabled(False)
          y = torch.add(torch.index_select(x, 0, $source), (self).attention_out(a, w, o))
          torch.set_grad_enabled(True)
          mlp = (self).mlp_states(y, w, o)
          out = (self).norm(torch.requires_grad_(mlp[-1], True), $final_norm)
          return torch.add(torch.add([x, h, p, asking, q, a], mlp), [out])
        def mlp_back(self: __torch__.Decoder, states: List[Tensor], g: Tensor, sums: List[Tensor], s: int, w: List[Tensor], o: int) -> Tensor:
          # the loss by mlp_states' result to that by its input
          ga = (self).down_back(g, states[3], sums, s, w, o)
          gp = torch.grad([states[3]], [states[2]], annotate(List[Optional[Tensor]], [ga]))
          gh = (self).gate_up_back(unchecked_cast(Tensor, gp[0]), states[1], sums, s, w, o)
          gx = (self).norm_back(states[0], states[1], gh, $post_norm, sums, torch.add(s, $post_norm_at))
          return torch.add_(gx, g)
        def block_back(self: __torch__.Decoder, states: List[Tensor], g: Tensor, layer: int, sums: List[Tensor], w: List[Tensor]) -> Tensor:
          # the loss by a block's result to that by its input
          o = torch.add(1, torch.mul(layer, $stride))
          s = torch.add($first_sum, torch.mul(layer, $learning))
          g = (self).mlp_back(torch.slice(states, 4), g, sums, s, w, o)
          ga = (self).attention_out_back(g, states[3], sums, s, w, o)
          gp = (self).attention_back([states[2]], states[3], ga, sums, s, w, o)
          gh = (self).qkv_back(gp[0], states[1], sums, s, w, o)
          gx = (self).norm_back(states[0], states[1], gh, $input_norm, sums, torch.add(s, $input_norm_at))
          return torch.add_(gx, g)
        def last_block_back(self: __torch__.Decoder, states: List[Tensor], g: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> Tensor:
          o = $last
          s = torch.add($first_sum, torch.mul(torch.sub($layers, 1), $learning))
          g = (self).norm_back(states[10], states[11], g, $final_norm, sums, $final_norm_at)
          g = (self).mlp_back(torch.slice(states, 6), g, sums, s, w, o)
          ga = (self).attention_out_back(g, states[5], sums, s, w, o)
          gp = (self).attention_back([states[4], states[2]], states[5], ga, sums, s, w, o)
          gh = (self).keys_values_back(gp[1], states[1], sums, s, w, o)
          gh = torch.index_add_(gh, 0, $source, (self).queries_back(gp[0], states[3], sums, s, w, o))
          gx = (self).norm_back(states[0], states[1], gh, $input_norm, sums, torch.add(s, $input_norm_at))
          return torch.index_add_(gx, 0, $source, g)
      """;

  private static final String TEXT =
      """
        def forward(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> Tuple[List[Tensor], Tensor, Tensor]:
          # states for backward, log-probabilities and entropies [M]
          states = (self).states(c, w)
          torch.set_grad_enabled(False)
          logp, entropy, = (self).log_probs(torch.detach(states[-1]), c, w)
          torch.set_grad_enabled(True)
          return (states, torch.to(logp, $master), torch.to(entropy, $master))
        def backward(self: __torch__.Decoder, states: List[Tensor], upstream: Tensor, spread: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> None:
          # adds to sums
          _logp, gh, = (self).head_gradient(states[-1], torch.to(upstream, $master), torch.to(spread, $master), sums, c, w)
          (self).pull_back(states, gh, sums, c, w)
        def cross_entropy(self: __torch__.Decoder, upstream: Tensor, c: List[Tensor], w: List[Tensor], sums: List[Tensor]) -> Tensor:
          # log-probabilities [M]; adds the gradient of their product with upstream, which is 0 for padding
          states = (self).states(c, w)
          logp, gh, = (self).head_gradient(states[-1], torch.to(upstream, $master), torch.to(torch.slice(upstream, 0, 0, 0), $master), sums, c, w)
          (self).pull_back(states, gh, sums, c, w)
          return torch.to(logp, $master)
        def track(self: __torch__.Decoder, w: List[Tensor], on: int) -> None:
          for i in range(torch.len(w)):
            _0 = torch.requires_grad_(w[i], torch.gt(on, 0))
        def accumulate(self: __torch__.Decoder, sums: List[Tensor], addends: List[Tensor]) -> None:
          for i in range(torch.len(sums)):
            _0 = torch.add_(sums[i], addends[i])
        def drain(self: __torch__.Decoder, sums: List[Tensor], addends: List[Tensor]) -> None:
          (self).accumulate(sums, addends)
          (self).clear(addends)
        def clear(self: __torch__.Decoder, sums: List[Tensor]) -> None:
          torch._foreach_zero_(sums)
        def zeros_like(self: __torch__.Decoder, tensors: List[Tensor]) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          for i in range(torch.len(tensors)):
            _0 = torch.append(out, torch.zeros_like(tensors[i], dtype=$master))
          return out
        def converted(self: __torch__.Decoder, tensors: List[Tensor], type: int) -> List[Tensor]:
          # copies even where the type is the same already
          out = annotate(List[Tensor], [])
          for i in range(torch.len(tensors)):
            _0 = torch.append(out, torch.to(torch.detach(tensors[i]), type, False, True))
          return out
        def add_product(self: __torch__.Decoder, target: Tensor, start: int, fused: Tensor, first: int, b: Tensor, scale: float) -> None:
          # target[start..] += scale x b fused[first..]
          a = torch.slice(torch.detach(fused), 0, first, torch.add(first, torch.size(b, 1)))
          rows = torch.slice(target, 0, start, torch.add(start, torch.size(b, 0)))
          _0 = torch.copy_(rows, torch.add(torch.to(rows, $master), torch.mm(torch.detach(b), a), alpha=scale))
        def range_norms(self: __torch__.Decoder, tensors: List[Tensor], index: List[int], start: List[int], length: List[int]) -> Tensor:
          # Euclidean norms of ranges of flattened tensors, in 64 bits
          out = annotate(List[Tensor], [])
          for i in range(torch.len(index)):
            part = torch.slice(torch.reshape(tensors[index[i]], [-1]), 0, start[i], torch.add(start[i], length[i]))
            _0 = torch.append(out, torch.norm(torch.to(part, 7)))
          return torch.stack(out)
      """;
}
