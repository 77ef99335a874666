package dev.tandem.trainer.model;

/** The part of the program that turns gradients into a step. */
final class OptimiserScript {

  private OptimiserScript() {}

  static final String TEXT =
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
          torch._fused_adamw_((self).subset(w, chosen), (self).subset(g, chosen), (self).subset(m, chosen), (self).subset(v, chosen), annotate(List[Tensor], []), (self).subset(steps, chosen), lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
        def update(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], matrices: List[int], vectors: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tensor:
          # a norm that is not finite leaves weights and moments alone; either way the sums start again at zero
          norm = (self).clip(g, limit)
          if bool(torch.isfinite(norm)):
            torch._foreach_add_(steps, 1.)
            (self).adamw(w, g, m, v, steps, matrices, rate, beta1, beta2, epsilon, decay)
            (self).adamw(w, g, m, v, steps, vectors, rate, beta1, beta2, epsilon, 0.)
          torch._foreach_zero_(g)
          return norm
        def train_step(self: __torch__.Decoder, ids: Tensor, wanted: Tensor, keep: Tensor, targets: Tensor, allowed: Tensor, count: int, cos: Tensor, sin: Tensor, w: List[Tensor], scale: float, g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], matrices: List[int], vectors: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tuple[Tensor, Tensor]:
          # forward, backward, clipping and AdamW for a batch that is one chunk
          loss, fresh, = (self).cross_entropy(ids, wanted, keep, targets, allowed, count, cos, sin, w, scale)
          torch.set_grad_enabled(False)
          torch._foreach_add_(g, fresh)
          norm = (self).update(w, g, m, v, steps, matrices, vectors, rate, beta1, beta2, epsilon, decay, limit)
          torch.set_grad_enabled(True)
          return (loss, norm)
      """;
}
