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
        def clip(self: __torch__.Decoder, g: List[Tensor], limit: float) -> Tensor:
          # scales g in place so that its global norm is at most limit; the norm before
          norm = torch.norm(torch.stack(torch._foreach_norm(g, 2)))
          torch._foreach_mul_(g, torch.clamp_max(torch.div(limit, torch.add(norm, 1e-6)), 1.))
          return norm
        def subset(self: __torch__.Decoder, tensors: List[Tensor], chosen: List[int]) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          for i in range(torch.len(chosen)):
            _0 = torch.append(out, tensors[chosen[i]])
          return out
        def adamw(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], chosen: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float) -> None:
          if torch.gt(torch.len(chosen), 0):
            torch._fused_adamw_((self).subset(w, chosen), (self).subset(g, chosen), (self).subset(m, chosen), (self).subset(v, chosen), annotate(List[Tensor], []), (self).subset(steps, chosen), lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
        def update(self: __torch__.Decoder, copies: List[Tensor], masters: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], matrices: List[int], vectors: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tensor:
          # a norm that is not finite leaves weights and moments alone; either way the sums start again at zero
          norm = (self).clip(g, limit)
          if bool(torch.isfinite(norm)):
            torch._foreach_add_(steps, 1.)
            (self).adamw(masters, g, m, v, steps, matrices, rate, beta1, beta2, epsilon, decay)
            (self).adamw(masters, g, m, v, steps, vectors, rate, beta1, beta2, epsilon, 0.)
            (self).refresh(copies, masters)
          torch._foreach_zero_(g)
          return torch.to(norm, 6)
        def train_step(self: __torch__.Decoder, scale: float, count: int, c: List[Tensor], w: List[Tensor], copies: List[Tensor], masters: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], matrices: List[int], vectors: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tuple[Tensor, Tensor]:
          # forward, backward, clipping and AdamW for a batch that is one chunk
          loss, fresh, = (self).cross_entropy(scale, count, c, w)
          torch.set_grad_enabled(False)
          (self).accumulate(g, fresh)
          norm = (self).update(copies, masters, g, m, v, steps, matrices, vectors, rate, beta1, beta2, epsilon, decay, limit)
          torch.set_grad_enabled(True)
          return (loss, norm)
      """;
}
