// The clipped policy loss with dual clip and KL, forward and derivative in one pass: per-token outputs, and eight sums by
// partial results per block that a second launch adds up in a fixed order. Computed in float64 for all types: it is a
// few numbers per token.
#pragma once
#include "elementwise.cuh"

enum { K1 = 0, K2 = 1, K3 = 2 };

// As in the Java enum PolicySum. The first is made of the second and third at the end.
enum { LOSS, POLICY_LOSS, PENALTY, RATIO, CLIPPED_TOKENS, BEHAVIOUR_KL, REFERENCE_KL, TOKENS, SUMS };

// What the host hands over, by value; pointers may be null where the operation says so.
template <class R>
struct PolicyInputs {
  const R* behaviour;
  const R* reference;
  const R* advantages;
  const u8* mask;
  const R* weights;
  const R* importance;
};

struct PolicyRule {
  double low, high, dual_clip, coefficient;
  int estimator;
};

struct TokenTerms {
  double ratio, loss, kl, gradient, weighted_loss, weighted_kl, behaviour_kl;
  bool clipped;
};

__device__ __forceinline__ double product(double weight, double factor) { return weight == 0 ? 0 : weight * factor; }

__device__ __forceinline__ double k3(double distance) {
  double bounded = held(distance, -MAX_LOG_RATIO, MAX_LOG_RATIO);
  return expm1(-bounded) + bounded;
}

__device__ __forceinline__ double kl_of(int estimator, double distance) {
  return estimator == K1 ? distance : estimator == K2 ? distance * distance / 2 : k3(distance);
}

__device__ __forceinline__ double kl_derivative(int estimator, double distance) {
  if (estimator == K1) return 1;
  if (estimator == K2) return distance;
  return fabs(distance) > MAX_LOG_RATIO ? 0 : -expm1(-distance);
}

template <class R>
__device__ __forceinline__ TokenTerms token_terms(double log_prob, const PolicyInputs<R>& in, i64 token, const PolicyRule& rule) {
  double advantage = in.advantages[token], log_ratio = log_prob - static_cast<double>(in.behaviour[token]);
  double lower = advantage < 0 ? 1 - rule.low : 0, upper = advantage < 0 ? rule.dual_clip : 1 + rule.high;
  TokenTerms terms;
  terms.ratio = exp(held(log_ratio, -MAX_LOG_RATIO, MAX_LOG_RATIO));
  bool outside = terms.ratio < lower || terms.ratio > upper;
  terms.clipped = outside && advantage != 0;
  terms.loss = -advantage * held(terms.ratio, lower, upper);
  double derivative = outside || fabs(log_ratio) > MAX_LOG_RATIO ? 0 : -advantage * terms.ratio;
  terms.kl = 0;
  double pull = 0;
  if (in.reference != nullptr) {
    double distance = log_prob - static_cast<double>(in.reference[token]);
    terms.kl = kl_of(rule.estimator, distance);
    pull = kl_derivative(rule.estimator, distance);
  }
  double weight = in.weights == nullptr ? 1.0 : static_cast<double>(in.weights[token]);
  double policy_weight = in.importance == nullptr ? weight : product(weight, static_cast<double>(in.importance[token]));
  terms.gradient = product(policy_weight, derivative);
  if (rule.coefficient != 0) terms.gradient += product(rule.coefficient * weight, pull);
  terms.weighted_loss = product(policy_weight, terms.loss);
  terms.weighted_kl = product(weight, terms.kl);
  terms.behaviour_kl = k3(-log_ratio);
  return terms;
}

template <class R>
__device__ __forceinline__ void write_terms(
    i64 token, const TokenTerms& terms, R* ratios, R* losses, R* kl_estimates, R* gradient) {
  if (ratios != nullptr) store(ratios[token], terms.ratio);
  if (losses != nullptr) store(losses[token], terms.loss);
  if (kl_estimates != nullptr) store(kl_estimates[token], terms.kl);
  store(gradient[token], terms.gradient);
}

template <class R>
__device__ __forceinline__ void policy_loss(
    const R* log_probs, const PolicyInputs<R>& in, i64 size, const PolicyRule& rule, R* ratios, R* losses,
    R* kl_estimates, R* gradient, double* partials, double* scratch) {
  double sums[SUMS] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (i64 token = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; token < size; token += static_cast<i64>(gridDim.x) * blockDim.x) {
    TokenTerms terms = {0, 0, 0, 0, 0, 0, 0, false};
    if (in.mask == nullptr || in.mask[token] != 0) {
      terms = token_terms(static_cast<double>(log_probs[token]), in, token, rule);
      sums[POLICY_LOSS] += terms.weighted_loss;
      sums[PENALTY] += terms.weighted_kl;
      sums[RATIO] += terms.ratio;
      sums[CLIPPED_TOKENS] += terms.clipped ? 1 : 0;
      sums[BEHAVIOUR_KL] += terms.behaviour_kl;
      sums[REFERENCE_KL] += terms.kl;
      sums[TOKENS] += 1;
    }
    write_terms(token, terms, ratios, losses, kl_estimates, gradient);
  }
  for (int i = POLICY_LOSS; i < SUMS; i++) {
    double sum = block_sum(sums[i], scratch);
    if (threadIdx.x == 0) partials[static_cast<i64>(blockIdx.x) * SUMS + i] = sum;
  }
}

#define POLICY_LOSS_KERNEL(suffix, R)                                                                            \
  extern "C" __global__ void __launch_bounds__(256) policy_loss_##suffix(                                        \
      const R* log_probs, const R* behaviour, const R* reference, const R* advantages, const u8* mask,           \
      const R* weights, const R* importance, i64 size, double low, double high, double dual_clip, int estimator, \
      double coefficient, R* ratios, R* losses, R* kl_estimates, R* gradient, double* partials) {                \
    __shared__ double scratch[32];                                                                               \
    PolicyInputs<R> in = {behaviour, reference, advantages, mask, weights, importance};                          \
    PolicyRule rule = {low, high, dual_clip, coefficient, estimator};                                            \
    policy_loss(log_probs, in, size, rule, ratios, losses, kl_estimates, gradient, partials, scratch);           \
  }
POLICY_LOSS_KERNEL(f32, float)
POLICY_LOSS_KERNEL(f64, double)

// One block of eight warps, a sum each.
extern "C" __global__ void __launch_bounds__(256) policy_sums(
    const double* partials, int blocks, double coefficient, double* sums) {
  __shared__ double totals[SUMS];
  u32 which = threadIdx.x >> 5, lane = threadIdx.x & 31;
  double sum = 0;
  if (which != LOSS) {
    for (int block = lane; block < blocks; block += 32) sum += partials[static_cast<i64>(block) * SUMS + which];
  }
  for (int step = 16; step > 0; step >>= 1) sum += __shfl_xor_sync(FULL_WARP, sum, step);
  if (lane == 0) totals[which] = sum;
  __syncthreads();
  if (threadIdx.x < SUMS) {
    sums[threadIdx.x] = threadIdx.x == LOSS ? totals[POLICY_LOSS] + coefficient * totals[PENALTY] : totals[threadIdx.x];
  }
}
