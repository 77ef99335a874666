package dev.tandem.trainer.model;

/** The part of the program that scores given tokens and differentiates the scores. */
final class ScoringScript {

  private ScoringScript() {}

  static final String TEXT =
      """
        def score(self: __torch__.Decoder, ids: Tensor, wanted: Tensor, keep: Tensor, targets: Tensor, allowed: Tensor, count: int, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # ids [B, L]; wanted [B, R]; keep, targets [M], those from count on are padding;
          # allowed [M, A] padded with -1, A = 0: the whole vocabulary
          b = torch.size(ids, 0)
          n = torch.size(ids, 1)
          c = torch.unsqueeze(torch.slice(cos, 0, 0, n), 1)
          s = torch.unsqueeze(torch.slice(sin, 0, 0, n), 1)
          mask = (self).causal(ids)
          x = torch.embedding(w[0], torch.reshape(ids, [-1]))
          for i in range(torch.sub($layers, 1)):
            x, _k, _v, = (self).block(x, b, c, s, mask, w, torch.add(1, torch.mul(i, $stride)))
          x, _k0, _v0, = (self).last_block(x, wanted, keep, c, s, w, torch.add(1, torch.mul(torch.sub($layers, 1), $stride)))
          logits = (self).linear((self).norm(x, $final_norm), $head, None)
          target = torch.unsqueeze(targets, 1)
          if torch.eq(torch.size(allowed, 1), 0):
            logps = torch.log_softmax(logits, -1, dtype=6)
            logp = torch.gather(logps, 1, target)
          else:
            logps = torch.gather(logits, 1, torch.clamp_min(allowed, 0))
            logps = torch.masked_fill(logps, torch.lt(allowed, 0), -1e30)
            logps = torch.log_softmax(logps, -1, dtype=6)
            place = torch.argmax(torch.to(torch.eq(allowed, target), 4), 1, True)
            logp = torch.gather(logps, 1, place)
          d = torch.detach(logps)
          entropy = torch.neg(torch.sum(torch.mul(torch.exp(d), d), [1]))
          return (torch.slice(torch.squeeze(logp, 1), 0, 0, count), torch.slice(entropy, 0, 0, count))
        def gradients(self: __torch__.Decoder, logp: Tensor, upstream: Tensor, w: List[Tensor]) -> List[Tensor]:
          gs = torch.grad([logp], w, annotate(List[Optional[Tensor]], [upstream]))
          out = annotate(List[Tensor], [])
          for i in range(torch.len(gs)):
            _0 = torch.append(out, unchecked_cast(Tensor, gs[i]))
          return out
        def cross_entropy(self: __torch__.Decoder, ids: Tensor, wanted: Tensor, keep: Tensor, targets: Tensor, allowed: Tensor, count: int, cos: Tensor, sin: Tensor, w: List[Tensor], scale: float) -> Tuple[Tensor, List[Tensor]]:
          # the sum of -log p, and the gradient of scale x that sum
          logp, _e, = (self).score(ids, wanted, keep, targets, allowed, count, cos, sin, w)
          return (torch.neg(torch.sum(torch.detach(logp), dtype=7)), (self).gradients(logp, torch.full_like(logp, torch.neg(scale)), w))
        def track(self: __torch__.Decoder, w: List[Tensor]) -> None:
          for i in range(torch.len(w)):
            _0 = torch.requires_grad_(w[i], True)
        def accumulate(self: __torch__.Decoder, sums: List[Tensor], addends: List[Tensor]) -> None:
          torch._foreach_add_(sums, addends)
        def zero(self: __torch__.Decoder, tensors: List[Tensor]) -> None:
          torch._foreach_zero_(tensors)
      """;
}
