package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.TrainingMemory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The part of the program that differentiates: from the loss by the final hidden states to the loss
 * by every tensor that learns, in their order.
 *
 * <p>{@code forward} returns states for {@code backward}: the embeddings and the final states, with
 * the graph between them alive; or, where layers are recomputed, every layer's input and no graph
 * at all. The embedding's gradient is added up by token id, so that no dense gradient of it is made
 * besides the sum; a tied head's gradient is where that sum begins.
 */
final class GradientScript {

  private GradientScript() {}

  /**
   * @param own how many tensors a block has without its adapter
   * @param stride how many with it
   */
  static String emit(ModelSpec spec, TrainingMemory memory, boolean adapted, int own, int stride) {
    return learningTensors(adapted ? own : 0, stride)
        + (adapted ? ADAPTER_ENDS : spec.tiedEmbeddings() ? TIED_ENDS : UNTIED_ENDS)
        + (memory.recomputeLayers() ? RECOMPUTED : KEPT)
        + TEXT;
  }

  private static String learningTensors(int first, int end) {
    return """
      def block_tensors(self: __torch__.Decoder, w: List[Tensor], o: int) -> List[Tensor]:
        return [%s]
    """
        .formatted(
            IntStream.range(first, end)
                .mapToObj(DecoderProgram::tensor)
                .collect(Collectors.joining(", ")));
  }

  // What learns besides the blocks: `tail` after the last block, and `ends` puts the gradients of
  // everything in order, given the embeddings' gx [N, hidden] and the head's gw.

  private static final String ADAPTER_ENDS =
      """
        def tail(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          return annotate(List[Tensor], [])
        def ends(self: __torch__.Decoder, gx: Tensor, gw: Tensor, gs: List[Tensor], c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          return gs
      """;

  private static final String TIED_ENDS =
      """
        def tail(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          return [$final_norm]
        def ends(self: __torch__.Decoder, gx: Tensor, gw: Tensor, gs: List[Tensor], c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          return torch.add([torch.index_add_(gw, 0, $ids, torch.to(gx, $master))], gs)
      """;

  private static final String UNTIED_ENDS =
      """
        def tail(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          return [$final_norm]
        def ends(self: __torch__.Decoder, gx: Tensor, gw: Tensor, gs: List[Tensor], c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          g = torch.zeros_like(w[0], dtype=$master)
          return torch.add(torch.add([torch.index_add_(g, 0, $ids, torch.to(gx, $master))], gs), [gw])
      """;

  private static final String KEPT =
      """
        def states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          x = torch.requires_grad_(torch.embedding(torch.detach(w[0]), $ids), True)
          return [x, (self).hidden(x, c, w)]
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, gw: Tensor, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          inputs = [states[0]]
          for i in range($layers):
            inputs = torch.add(inputs, (self).block_tensors(w, torch.add(1, torch.mul(i, $stride))))
          gs = (self).slopes(states[1], torch.add(inputs, (self).tail(w)), gh)
          return (self).ends(gs[0], gw, torch.slice(gs, 1), c, w)
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
        def pull_back(self: __torch__.Decoder, states: List[Tensor], gh: Tensor, gw: Tensor, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          cos, sin, = (self).rotary(c)
          mask = (self).causal((self).row_length(c), $ids)
          x = torch.requires_grad_(torch.detach(states[-2]), True)
          h = (self).flat_last_block(x, cos, sin, c, w, $last)
          gs = (self).slopes(h, torch.add(torch.add([x], (self).block_tensors(w, $last)), (self).tail(w)), gh)
          gx = gs[0]
          out = torch.slice(gs, 1)
          for j in range(torch.sub($layers, 1)):
            i = torch.sub(torch.sub($layers, 2), j)
            o = torch.add(1, torch.mul(i, $stride))
            y = torch.requires_grad_(torch.detach(states[i]), True)
            gs0 = (self).slopes((self).flat_block(y, cos, sin, mask, c, w, o), torch.add([y], (self).block_tensors(w, o)), gx)
            gx = gs0[0]
            out = torch.add(torch.slice(gs0, 1), out)
          return (self).ends(gx, gw, out, c, w)
      """;

  private static final String TEXT =
      """
        def slopes(self: __torch__.Decoder, y: Tensor, inputs: List[Tensor], upstream: Tensor) -> List[Tensor]:
          gs = torch.grad([y], inputs, annotate(List[Optional[Tensor]], [upstream]))
          out = annotate(List[Tensor], [])
          for i in range(torch.len(gs)):
            _0 = torch.append(out, unchecked_cast(Tensor, gs[i]))
          return out
        def forward(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> Tuple[List[Tensor], Tensor, Tensor]:
          # states for backward, log-probabilities and entropies [M]
          states = (self).states(c, w)
          torch.set_grad_enabled(False)
          logp, entropy, = (self).log_probs(torch.detach(states[-1]), c, w)
          torch.set_grad_enabled(True)
          return (states, torch.to(logp, $master), torch.to(entropy, $master))
        def backward(self: __torch__.Decoder, states: List[Tensor], upstream: Tensor, spread: Tensor, c: List[Tensor], w: List[Tensor]) -> List[Tensor]:
          _logp, gh, gw, = (self).head_gradient(states[-1], torch.to(upstream, $master), torch.to(spread, $master), c, w)
          return (self).pull_back(states, gh, gw, c, w)
        def cross_entropy(self: __torch__.Decoder, upstream: Tensor, c: List[Tensor], w: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
          # log-probabilities [M], and the gradient of their product with upstream, which is 0 for padding
          states = (self).states(c, w)
          logp, gh, gw, = (self).head_gradient(states[-1], torch.to(upstream, $master), torch.to(torch.slice(upstream, 0, 0, 0), $master), c, w)
          return (torch.to(logp, $master), (self).pull_back(states, gh, gw, c, w))
        def track(self: __torch__.Decoder, w: List[Tensor]) -> None:
          for i in range(torch.len(w)):
            _0 = torch.requires_grad_(w[i], True)
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
          _0 = torch.add_(rows, torch.mm(torch.detach(b), a), alpha=scale)
        def range_norms(self: __torch__.Decoder, tensors: List[Tensor], index: List[int], start: List[int], length: List[int]) -> Tensor:
          # Euclidean norms of ranges of flattened tensors, in 64 bits
          out = annotate(List[Tensor], [])
          for i in range(torch.len(index)):
            part = torch.slice(torch.reshape(tensors[index[i]], [-1]), 0, start[i], torch.add(start[i], length[i]))
            _0 = torch.append(out, torch.norm(torch.to(part, 7)))
          return torch.stack(out)
      """;
}
