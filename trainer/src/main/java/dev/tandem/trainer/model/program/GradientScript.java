package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.TrainingMemory;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The part of the program that differentiates: from the loss by the final hidden states to the loss
 * by every tensor that learns, in their order.
 *
 * <p>{@code forward} returns states for {@code backward}: every layer's input and output with the
 * graph between them alive; or, where layers are recomputed, the inputs and no graph at all. The
 * way back goes layer by layer and adds each one's gradients to the sums at once, so that of what
 * is not yet summed there is one layer's; its graph goes with it. The embedding's gradient is added
 * up by token id, so that no dense gradient of it is made besides the sum.
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
    int first = adapted ? own : 0;
    values.put("$learning", String.valueOf(stride - first));
    values.put("$first_sum", adapted ? "0" : "1");
    values.put("$head_sum", spec.tiedEmbeddings() ? "sums[0]" : "sums[-1]");
    return blockTensors(first, stride)
        + (adapted ? ADAPTER_ENDS : ENDS)
        + (memory.recomputeLayers() ? RECOMPUTED : KEPT)
        + TEXT;
  }

  private static String blockTensors(int first, int end) {
    return """
      def block_tensors(self: __torch__.Decoder, w: List[Tensor], o: int) -> List[Tensor]:
        return [%s]
    """
        .formatted(
            IntStream.range(first, end)
                .mapToObj(DecoderProgram::tensor)
                .collect(Collectors.joining(", ")));
  }

  // What learns besides the blocks: `tail` after the last block, and the embedding, given the loss
  // by what was looked up in it, gx [N, hidden].

  private static final String ADAPTER_ENDS =
      """
        def tail(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          return annotate(List[Tensor], [])
        def add_embedding(self: __torch__.Decoder, gx: Tensor, c: List[Tensor], sums: List[Tensor]) -> None:
          pass
      """;

  private static final String ENDS =
      """
        def tail(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          return [$final_norm]
        def add_embedding(self: __torch__.Decoder, gx: Tensor, c: List[Tensor], sums: List[Tensor]) -> None:
          _0 = torch.index_add_(sums[0], 0, $ids, torch.to(gx, $master))
      """;

  private static final String KEPT =
      """
        def states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          cos, sin, = (self).rotary(c)
          mask = (self).causal((self).row_length(c), $ids)
          x = torch.embedding(torch.detach(w[0]), $ids)
          out = annotate(List[Tensor], [])
          for i in range(torch.sub($layers, 1)):
            x = torch.requires_grad_(torch.detach(x), True)
            _0 = torch.append(out, x)
            x = (self).flat_block(x, cos, sin, mask, c, w, torch.add(1, torch.mul(i, $stride)))
            _1 = torch.append(out, x)
          x = torch.requires_grad_(torch.detach(x), True)
          _2 = torch.append(out, x)
          _3 = torch.append(out, (self).flat_last_block(x, cos, sin, c, w, $last))
          return out
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> None:
          gx = (self).layer_back(states[-2], states[-1], gh, torch.sub($layers, 1), (self).tail(w), sums, w)
          for j in range(torch.sub($layers, 1)):
            i = torch.sub(torch.sub($layers, 2), j)
            gx = (self).layer_back(states[torch.mul(2, i)], states[torch.add(torch.mul(2, i), 1)], gx, i, annotate(List[Tensor], []), sums, w)
          (self).add_embedding(gx, c, sums)
      """;

  // The way forward keeps autograd on and drops each layer's graph at once: with it off, another
  // kernel would multiply, and the gradients would differ in the last bits from those of KEPT.
  private static final String RECOMPUTED =
      """
        def states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          cos, sin, = (self).rotary(c)
          mask = (self).causal((self).row_length(c), $ids)
          x = torch.embedding(torch.detach(w[0]), $ids)
          out = [x]
          for i in range(torch.sub($layers, 1)):
            x = torch.detach((self).flat_block(x, cos, sin, mask, c, w, torch.add(1, torch.mul(i, $stride))))
            _0 = torch.append(out, x)
          _1 = torch.append(out, torch.detach((self).flat_last_block(x, cos, sin, c, w, $last)))
          return out
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> None:
          cos, sin, = (self).rotary(c)
          mask = (self).causal((self).row_length(c), $ids)
          x = torch.requires_grad_(torch.detach(states[-2]), True)
          y = (self).flat_last_block(x, cos, sin, c, w, $last)
          gx = (self).layer_back(x, y, gh, torch.sub($layers, 1), (self).tail(w), sums, w)
          for j in range(torch.sub($layers, 1)):
            i = torch.sub(torch.sub($layers, 2), j)
            x = torch.requires_grad_(torch.detach(states[i]), True)
            y = (self).flat_block(x, cos, sin, mask, c, w, torch.add(1, torch.mul(i, $stride)))
            gx = (self).layer_back(x, y, gx, i, annotate(List[Tensor], []), sums, w)
          (self).add_embedding(gx, c, sums)
      """;

  private static final String TEXT =
      """
        def layer_back(self: __torch__.Decoder, x: Tensor, y: Tensor, upstream: Tensor, layer: int, more: List[Tensor], sums: List[Tensor], w: List[Tensor]) -> Tensor:
          # adds the gradients of a layer from x to y, and of more behind it; the loss by x
          inputs = torch.add(torch.add([x], (self).block_tensors(w, torch.add(1, torch.mul(layer, $stride)))), more)
          gs = torch.grad([y], inputs, annotate(List[Optional[Tensor]], [upstream]))
          at = torch.add($first_sum, torch.mul(layer, $learning))
          for i in range(torch.sub(torch.len(gs), 1)):
            _0 = torch.add_(sums[torch.add(at, i)], unchecked_cast(Tensor, gs[torch.add(i, 1)]))
          return unchecked_cast(Tensor, gs[0])
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
