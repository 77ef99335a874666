// From logits to log-probability, loss derivative and, over the logits, their gradient: one block per row, which reads
// the row for its sum and, while the cache still holds it, once more for its gradient. The per-token outputs and the
// sums of the loss are the policy loss kernel's, run on the log-probabilities that this one leaves.
#pragma once
#include "policy.cuh"
#include "softmax.cuh"

template <class T, class R>
__device__ __forceinline__ void fused_policy_loss(
    T* logits, i64 stride, u32 size, const int* ids, double temperature, R* log_probs, const PolicyInputs<R>& in,
    const PolicyRule& rule, double* scratch, R* shared_gradient) {
  typedef typename Compute<T>::type A;
  i64 token = blockIdx.x;
  T* row = logits + token * stride;
  if (in.mask != nullptr && in.mask[token] == 0) {
    if (threadIdx.x == 0) store(log_probs[token], 0.0);
    clear_row(row, size);
    return;
  }
  A inverse_temperature = static_cast<A>(1 / temperature);
  RowSums<A> sums = sum_row<false>(row, size, inverse_temperature, scratch);
  int id = ids[token];
  if (threadIdx.x == 0) {
    R log_prob;
    store(log_prob, selected_log_prob(row, size, id, temperature, sums));
    log_probs[token] = log_prob;
    store(*shared_gradient, token_terms(static_cast<double>(log_prob), in, token, rule).gradient);
  }
  __syncthreads();
  A g = *shared_gradient;
  if (g == 0) {
    clear_row(row, size);
    return;
  }
  A largest = sums.largest, scale = g * inverse_temperature;
  A share = static_cast<A>(-static_cast<double>(scale) / sums.sum);
  change_row<InFlight<T>::changing>(row, size, [&](auto& values, u32 first) {
    const int count = sizeof(values) / sizeof(values[0]);
#pragma unroll
    for (int i = 0; i < count; i++) {
      A value = share * fast_exp((values[i] - largest) * inverse_temperature);
      values[i] = first + i == static_cast<u32>(id) ? value + scale : value;
    }
  });
}

#define FUSED_POLICY_LOSS(suffix, T, R)                                                                          \
  extern "C" __global__ void __launch_bounds__(512) fused_policy_loss_##suffix(                                  \
      T* logits, i64 stride, u32 size, const int* ids, double temperature, R* log_probs, const R* behaviour,     \
      const R* reference, const R* advantages, const u8* mask, const R* weights, const R* importance,            \
      double low, double high, double dual_clip, int estimator, double coefficient) {                            \
    __shared__ double scratch[32];                                                                               \
    __shared__ R gradient;                                                                                       \
    PolicyInputs<R> in = {behaviour, reference, advantages, mask, weights, importance};                          \
    PolicyRule rule = {low, high, dual_clip, coefficient, estimator};                                            \
    fused_policy_loss(logits, stride, size, ids, temperature, log_probs, in, rule, scratch, &gradient);          \
  }
FUSED_POLICY_LOSS(f32, float, float)
FUSED_POLICY_LOSS(f64, double, double)
FUSED_POLICY_LOSS(bf16, bf16, float)
