package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import java.util.Map;

/**
 * The part of the program between the final hidden states and the log-probabilities, and back.
 *
 * <p>With a large vocabulary the log-probabilities [M, V] are the largest tensor of a training
 * step, several times over with autograd's copies. Here they exist for a few rows at a time: the
 * graph ends at the hidden states, the way forward keeps one number per token, and the way back
 * computes each few rows again and writes down their derivative, {@code upstream x (onehot - p) -
 * spread x p x (log p + entropy)}, where p is the distribution.
 *
 * <p>That is the whole of it where the program computes log-probabilities too. Where kernels do,
 * the program only multiplies, {@code head_logits} and {@code head_back}, and what is between them
 * is in {@code model.learn}.
 *
 * <p>Logits are products in the precision of reductions whatever the model computes in. Rounded to
 * bfloat16 first, those between 8 and 16 would be multiples of 1/16, and so would the
 * log-probabilities that importance ratios are made of (MiniMax-M1, arXiv 2506.13585, section 3.2).
 */
final class LossHeadScript {

  private LossHeadScript() {}

  /**
   * @param learns whether the head's matrix has a gradient
   */
  static String emit(
      ModelSpec spec, Execution execution, boolean learns, Map<String, String> values) {
    values.put(
        "$head_rows", String.valueOf(execution.trainingMemory().headRows(spec.vocabularySize())));
    return (execution.precision().copiesMasters() ? WIDE : SAME)
        + TEXT
        + PRODUCTS
        + (learns ? LEARNING : FROZEN);
  }

  // `head` is the matrix that logits are products with.

  private static final String SAME =
      """
        def head(self: __torch__.Decoder, w: List[Tensor]) -> Tensor:
          return $head
        def logits(self: __torch__.Decoder, h: Tensor, head: Tensor) -> Tensor:
          return (self).linear(h, head, None)
      """;

  private static final String WIDE =
      """
        def head(self: __torch__.Decoder, w: List[Tensor]) -> Tensor:
          return torch.to(torch.detach($head), $master)
        def logits(self: __torch__.Decoder, h: Tensor, head: Tensor) -> Tensor:
          return torch.linear(torch.to(h, $master), head)
      """;

  private static final String TEXT =
      """
        def head_chunks(self: __torch__.Decoder, h: Tensor) -> int:
          return torch.floordiv(torch.add(torch.size(h, 0), torch.sub($head_rows, 1)), $head_rows)
        def distribution(self: __torch__.Decoder, logits: Tensor, target: Tensor, allowed: Tensor) -> Tuple[Tensor, Tensor]:
          # log-probabilities over the allowed ids or the vocabulary, and the target's place there [M, 1]
          if torch.eq(torch.size(allowed, 1), 0):
            logps = torch.log_softmax(logits, -1, dtype=$master)
            place = target
          else:
            logps = torch.gather(logits, 1, torch.clamp_min(allowed, 0))
            logps = torch.masked_fill(logps, torch.lt(allowed, 0), -1e30)
            logps = torch.log_softmax(logps, -1, dtype=$master)
            place = torch.argmax(torch.to(torch.eq(allowed, target), 4), 1, True)
          return (logps, place)
        def chosen_log_probs(self: __torch__.Decoder, h: Tensor, c: List[Tensor], w: List[Tensor]) -> Tensor:
          # h [M, hidden]; log-probabilities of the targets [M]; call it with autograd off
          head = (self).head(w)
          logps = annotate(List[Tensor], [])
          for i in range((self).head_chunks(h)):
            s = torch.mul(i, $head_rows)
            e = torch.add(s, $head_rows)
            logits = (self).logits(torch.slice(h, 0, s, e), head)
            d, place, = (self).distribution(logits, torch.unsqueeze(torch.slice($targets, 0, s, e), 1), torch.slice($allowed, 0, s, e))
            _0 = torch.append(logps, torch.squeeze(torch.gather(d, 1, place), 1))
          return torch.cat(logps)
        def log_probs(self: __torch__.Decoder, h: Tensor, c: List[Tensor], w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # h [M, hidden]; log-probabilities of the targets and entropies [M]; call it with autograd off
          head = (self).head(w)
          logps = annotate(List[Tensor], [])
          entropies = annotate(List[Tensor], [])
          for i in range((self).head_chunks(h)):
            s = torch.mul(i, $head_rows)
            e = torch.add(s, $head_rows)
            logits = (self).logits(torch.slice(h, 0, s, e), head)
            d, place, = (self).distribution(logits, torch.unsqueeze(torch.slice($targets, 0, s, e), 1), torch.slice($allowed, 0, s, e))
            _0 = torch.append(logps, torch.squeeze(torch.gather(d, 1, place), 1))
            _1 = torch.append(entropies, torch.neg(torch.sum(torch.mul_(torch.exp(d), d), [1])))
          return (torch.cat(logps), torch.cat(entropies))
        def head_gradient(self: __torch__.Decoder, h: Tensor, upstream: Tensor, spread: Tensor, sums: List[Tensor], c: List[Tensor], w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # upstream [M]: the loss by each log-probability; spread [M], or [0] for none: the loss by
          # each entropy; the log-probabilities [M] and the loss by h [M, hidden]; the loss by the
          # head's matrix is added to its sum; call it with autograd on
          torch.set_grad_enabled(False)
          states = torch.detach(h)
          head = torch.detach((self).head(w))
          logps = annotate(List[Tensor], [])
          gh = annotate(List[Tensor], [])
          for i in range((self).head_chunks(h)):
            s = torch.mul(i, $head_rows)
            e = torch.add(s, $head_rows)
            allowed = torch.slice($allowed, 0, s, e)
            x = torch.slice(states, 0, s, e)
            logits = (self).logits(x, head)
            d, place, = (self).distribution(logits, torch.unsqueeze(torch.slice($targets, 0, s, e), 1), allowed)
            _0 = torch.append(logps, torch.squeeze(torch.gather(d, 1, place), 1))
            u = torch.unsqueeze(torch.slice(upstream, 0, s, e), 1)
            if torch.gt(torch.size(spread, 0), 0):
              v = torch.unsqueeze(torch.slice(spread, 0, s, e), 1)
              p = torch.exp(d)
              entropy = torch.neg(torch.sum(torch.mul(p, d), [1], True))
              d = torch.mul_(p, torch.neg(torch.add(torch.mul_(torch.add_(d, entropy), v), u)))
            else:
              d = torch.mul_(torch.exp_(d), torch.neg(u))
            d = torch.scatter_add_(d, 1, place, u)
            if torch.gt(torch.size(allowed, 1), 0):
              d = torch.scatter_add(torch.zeros_like(logits, dtype=$master), 1, torch.clamp_min(allowed, 0), d)
            (self).add_head(d, x, sums)
            _1 = torch.append(gh, torch.to(torch.mm(d, head), ops.prim.dtype(h)))
          torch.set_grad_enabled(True)
          return (torch.cat(logps), torch.cat(gh))
      """;

  // For kernels. `columns` are the ids that have logits, [0] where all have; rows are those of h.

  private static final String PRODUCTS =
      """
        def head_memory(self: __torch__.Decoder, columns: Tensor, rows: int, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # the matrix that logits are products with, and room for rows of them
          head = torch.detach($head)
          if torch.gt(torch.size(columns, 0), 0):
            head = torch.index_select(head, 0, columns)
          head = torch.to(head, $master)
          return (head, torch.empty([rows, torch.size(head, 0)], dtype=$master, device=ops.prim.device(head)))
        def head_slopes(self: __torch__.Decoder, h: Tensor) -> Tensor:
          return torch.zeros_like(torch.detach(h))
        def head_logits(self: __torch__.Decoder, h: Tensor, head: Tensor, logits: Tensor, start: int, end: int) -> None:
          x = torch.to(torch.slice(torch.detach(h), 0, start, end), $master)
          _0 = torch.mm(x, torch.t(head), out=torch.slice(logits, 0, 0, torch.sub(end, start)))
        def head_back(self: __torch__.Decoder, h: Tensor, head: Tensor, gradient: Tensor, gh: Tensor, columns: Tensor, start: int, end: int, sums: List[Tensor]) -> None:
          # gradient [end - start or more, columns] of the logits; writes the loss by h, adds that by the head's matrix
          d = torch.slice(gradient, 0, 0, torch.sub(end, start))
          _0 = torch.copy_(torch.slice(gh, 0, start, end), torch.mm(d, head))
          if torch.gt(torch.size(columns, 0), 0):
            (self).add_head_columns(d, torch.slice(torch.detach(h), 0, start, end), columns, sums)
          else:
            (self).add_head(d, torch.slice(torch.detach(h), 0, start, end), sums)
      """;

  private static final String LEARNING =
      """
        def add_head_columns(self: __torch__.Decoder, d: Tensor, x: Tensor, columns: Tensor, sums: List[Tensor]) -> None:
          _0 = torch.index_add_($head_sum, 0, columns, torch.mm(torch.t(d), torch.to(x, $master)))
        def add_head(self: __torch__.Decoder, d: Tensor, x: Tensor, sums: List[Tensor]) -> None:
          _0 = torch.addmm_($head_sum, torch.t(d), torch.to(x, $master))
      """;

  private static final String FROZEN =
      """
        def add_head_columns(self: __torch__.Decoder, d: Tensor, x: Tensor, columns: Tensor, sums: List[Tensor]) -> None:
          pass
        def add_head(self: __torch__.Decoder, d: Tensor, x: Tensor, sums: List[Tensor]) -> None:
          pass
      """;
}
