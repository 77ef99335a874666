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
        def adamw(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], rate: float, beta1: float, beta2: float, epsilon: float, decay: float) -> None:
          torch._foreach_add_(steps, 1.)
          torch._fused_adamw_(w, g, m, v, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
        def step(self: __torch__.Decoder, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], matrices: List[int], vectors: List[int], rate: float, beta1: float, beta2: float, epsilon: float, decay: float, limit: float) -> Tensor:
          norm = (self).clip(g, limit)
          (self).adamw((self).subset(w, matrices), (self).subset(g, matrices), (self).subset(m, matrices), (self).subset(v, matrices), (self).subset(steps, matrices), rate, beta1, beta2, epsilon, decay)
          (self).adamw((self).subset(w, vectors), (self).subset(g, vectors), (self).subset(m, vectors), (self).subset(v, vectors), (self).subset(steps, vectors), rate, beta1, beta2, epsilon, 0.)
          return norm
        def subset(self: __torch__.Decoder, tensors: List[Tensor], chosen: List[int]) -> List[Tensor]:
          out = annotate(List[Tensor], [])
          for i in range(torch.len(chosen)):
            _0 = torch.append(out, tensors[chosen[i]])
          return out
      """;
}
