package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.torch.Precision;

/** The part of the program that turns gradients into a step. */
final class OptimiserScript {

  private OptimiserScript() {}

  static String emit(Precision precision) {
    return (precision.copiesMasters() ? COPIED : SHARED) + TEXT;
  }

  private static final String SHARED =
      """
        def refresh(self: __torch__.Decoder, copies: List[Tensor], masters: List[Tensor]) -> None:
          pass
      """;

  private static final String COPIED =
      """
        def refresh(self: __torch__.Decoder, copies: List[Tensor], masters: List[Tensor]) -> None:
          for i in range(torch.len(copies)):
            _0 = torch.copy_(copies[i], masters[i])
      """;

  private static final String TEXT =
      """
        def global_norm(self: __torch__.Decoder, g: List[Tensor]) -> Tensor:
          return torch.norm(torch.stack(torch._foreach_norm(g, 2)))
        def subset(self: __torch__.Decoder, tensors: List[Tensor], chosen: List[int]) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          for i in range(torch.len(chosen)):
            _0 = torch.append(out, tensors[chosen[i]])
          return out
        def adamw(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], chosen: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float) -> None:
          if torch.gt(torch.len(chosen), 0):
            torch._fused_adamw_((self).subset(w, chosen), (self).subset(g, chosen), (self).subset(m, chosen), (self).subset(v, chosen), annotate(List[Tensor], []), (self).subset(steps, chosen), lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
        def orthogonal(self: __torch__.Decoder, u: Tensor) -> Tensor:
          # singular values brought near one by Newton-Schulz iterations of degree five
          wide = torch.le(torch.size(u, 0), torch.size(u, 1))
          if wide:
            start = u
          else:
            start = torch.t(u)
          x = torch.div(start, torch.add(torch.norm(start), 1e-7))
          for i in range(5):
            a = torch.matmul(x, torch.t(x))
            b = torch.add(torch.mul(a, -4.775), torch.mul(torch.matmul(a, a), 2.0315))
            x = torch.add(torch.mul(x, 3.4445), torch.matmul(b, x))
          if wide:
            out = x
          else:
            out = torch.t(x)
          return out
        def muon(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], parts: List[int], rate: float, momentum: float, decay: float) -> None:
          # parts: for each matrix the native tensor that holds it, its first row and its rows
          for i in range(torch.floordiv(torch.len(parts), 3)):
            at = parts[torch.mul(3, i)]
            row = parts[torch.add(torch.mul(3, i), 1)]
            rows = parts[torch.add(torch.mul(3, i), 2)]
            weight = torch.narrow(w[at], 0, row, rows)
            slope = torch.narrow(g[at], 0, row, rows)
            buffer = torch.narrow(m[at], 0, row, rows)
            _0 = torch.add_(torch.mul_(buffer, momentum), slope)
            columns = torch.size(weight, 1)
            if torch.gt(rows, columns):
              larger = rows
            else:
              larger = columns
            step = torch.mul(torch.mul(rate, 0.2), torch.sqrt(float(larger)))
            ahead = (self).orthogonal(torch.add(slope, torch.mul(buffer, momentum)))
            _1 = torch.sub_(torch.mul_(weight, torch.sub(1., torch.mul(rate, decay))), torch.mul(ahead, step))
        def move(self: __torch__.Decoder, norm: Tensor, own: List[int], matrices: List[int], vectors: List[int], parts: List[int], copies: List[Tensor], masters: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], rate: float, momentum: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> None:
          # moves the tensors `own`, of which matrices and vectors are AdamW's and parts Muon's, by
          # their gradients scaled so that their global norm is at most limit; a norm that is not finite
          # leaves weights and moments alone; either way the sums start again at zero
          sums = (self).subset(g, own)
          if bool(torch.isfinite(norm)):
            share = torch.div(limit, torch.add(norm, 1e-6))
            if bool(torch.lt(share, 1.)):
              torch._foreach_mul_(sums, share)
            torch._foreach_add_((self).subset(steps, own), 1.)
            (self).adamw(masters, g, m, v, steps, matrices, rate, beta1, beta2, epsilon, decay)
            (self).adamw(masters, g, m, v, steps, vectors, rate, beta1, beta2, epsilon, 0.)
            (self).muon(masters, g, m, parts, rate, momentum, decay)
            (self).refresh((self).subset(copies, own), (self).subset(masters, own))
          torch._foreach_zero_(sums)
        def train_step(self: __torch__.Decoder, upstream: Tensor, c: List[Tensor], w: List[Tensor], own: List[int], matrices: List[int], vectors: List[int], parts: List[int], copies: List[Tensor], masters: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], rate: float, momentum: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tuple[Tensor, Tensor]:
          # forward, backward, clipping and the update for a batch that is one chunk
          logp = (self).cross_entropy(upstream, c, w, g)
          torch.set_grad_enabled(False)
          norm = (self).global_norm(g)
          (self).move(norm, own, matrices, vectors, parts, copies, masters, g, m, v, steps, rate, momentum, beta1, beta2, epsilon, decay, limit)
          torch.set_grad_enabled(True)
          return (logp, torch.to(norm, 6))
      """;
}
