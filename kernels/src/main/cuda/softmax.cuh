// The selected token's log-probability and the entropy of each row, and the way back: one block per row.
#pragma once
#include "common.cuh"

// Largest logit m and, with d = (logit - m) / temperature, sums of exp(d) and exp(d) d.
template <class A>
struct RowSums {
  A largest;
  double sum;
  double weighted;
};

// Online softmax (arXiv 1805.02867) per thread over packs: the running sums are rescaled when a pack raises the maximum,
// which becomes rare after the first few. Threads then meet at the row's maximum and add up in float64 in a fixed order.
template <bool ENTROPY, class T>
__device__ __forceinline__ RowSums<typename Compute<T>::type> sum_row(
    const T* row, u32 size, typename Compute<T>::type inverse_temperature, double* scratch) {
  typedef typename Compute<T>::type A;
  A largest = lowest<A>(), sum = 0, weighted = 0;
  visit_row<InFlight<T>::reading>(row, size, [&](const auto& values, u32) {
    const int count = sizeof(values) / sizeof(values[0]);
    A top = values[0];
#pragma unroll
    for (int i = 1; i < count; i++) top = larger(top, values[i]);
    if (top > largest) {
      if (sum > 0) {
        A change = (largest - top) * inverse_temperature, factor = fast_exp(change);
        if (ENTROPY) weighted = factor * (weighted + change * sum);
        sum *= factor;
      }
      largest = top;
    }
    // Before the first number above -infinity there is nothing to be relative to; differences from 0 keep NaN alive.
    A base = largest > lowest<A>() ? largest : A(0);
#pragma unroll
    for (int i = 0; i < count; i++) {
      A difference = (values[i] - base) * inverse_temperature, term = fast_exp(difference);
      sum += term;
      if (ENTROPY && term > 0) weighted += term * difference;
    }
  });
  A top = block_reduce(largest, lowest<A>(), Larger(), reinterpret_cast<A*>(scratch));
  if (sum > 0 && top > largest) {
    A change = (largest - top) * inverse_temperature, factor = fast_exp(change);
    weighted = factor * (weighted + change * sum);
    sum *= factor;
  }
  RowSums<A> row_sums;
  row_sums.largest = top;
  row_sums.sum = block_sum(static_cast<double>(sum), scratch);
  row_sums.weighted = ENTROPY ? block_sum(static_cast<double>(weighted), scratch) : 0;
  return row_sums;
}

__device__ __forceinline__ double not_a_number() { return __longlong_as_double(0x7ff8000000000000ll); }

// x_id - log(sum of exp(x)); NaN for a row without a finite logit, with NaN or with +infinity, or a wrong id.
template <class T, class A>
__device__ __forceinline__ double selected_log_prob(
    const T* row, u32 size, int id, double temperature, const RowSums<A>& sums) {
  if (!(sums.sum > 0) || id < 0 || static_cast<u32>(id) >= size) return not_a_number();
  double logit = load(row[id]);
  return (logit - static_cast<double>(sums.largest)) / temperature - log(sums.sum);
}

template <bool ENTROPY, class T, class R>
__device__ __forceinline__ void selected_log_probs(
    const T* logits, i64 stride, u32 size, const int* ids, double temperature, R* log_probs, R* entropies,
    double* log_sum_exps, double* scratch) {
  typedef typename Compute<T>::type A;
  i64 index = blockIdx.x;
  const T* row = logits + index * stride;
  RowSums<A> sums = sum_row<ENTROPY>(row, size, static_cast<A>(1 / temperature), scratch);
  if (threadIdx.x == 0) {
    bool meaningful = sums.sum > 0;
    store(log_probs[index], selected_log_prob(row, size, ids[index], temperature, sums));
    if (ENTROPY) {
      store(entropies[index], meaningful ? log(sums.sum) - sums.weighted / sums.sum : not_a_number());
    }
    if (log_sum_exps != nullptr) {
      log_sum_exps[index] =
          meaningful ? static_cast<double>(sums.largest) / temperature + log(sums.sum) : not_a_number();
    }
  }
}

// logit / temperature - offset where both are large and nearly equal: factor and offset are split in two floats each,
// because the rounding of one float alone, times a logit of 1e4, would move the exponential by parts in a thousand.
// For a logit of -infinity the result may be NaN.
struct SplitDifference {
  float factor, factor_rest, offset, offset_rest;
  __device__ __forceinline__ SplitDifference(double exact_factor, double exact_offset)
      : factor(static_cast<float>(exact_factor)),
        factor_rest(static_cast<float>(exact_factor - static_cast<double>(static_cast<float>(exact_factor)))),
        offset(static_cast<float>(exact_offset)),
        offset_rest(static_cast<float>(exact_offset - static_cast<double>(static_cast<float>(exact_offset)))) {}
  __device__ __forceinline__ float of(float logit) const {
    return fmaf(logit, factor, -offset) + fmaf(logit, factor_rest, -offset_rest);
  }
};
struct PlainDifference {
  double factor, offset;
  __device__ __forceinline__ PlainDifference(double exact_factor, double exact_offset)
      : factor(exact_factor), offset(exact_offset) {}
  __device__ __forceinline__ double of(double logit) const { return fma(logit, factor, -offset); }
};
template <class A>
struct Difference {
  typedef SplitDifference type;
};
template <>
struct Difference<double> {
  typedef PlainDifference type;
};

template <class T>
__device__ __forceinline__ void clear_row(T* row, u32 size) {
  change_row<1>(row, size, [](auto& values, u32) {
    const int count = sizeof(values) / sizeof(values[0]);
#pragma unroll
    for (int i = 0; i < count; i++) values[i] = 0;
  });
}

template <class T, class R>
__device__ __forceinline__ void selected_log_probs_backward(
    T* logits, i64 stride, u32 size, const int* ids, double temperature, const double* log_sum_exps,
    const R* log_prob_derivatives, const R* entropy_derivatives, const R* entropies) {
  typedef typename Compute<T>::type A;
  i64 index = blockIdx.x;
  T* row = logits + index * stride;
  A g = log_prob_derivatives[index], h = entropy_derivatives == nullptr ? A(0) : A(entropy_derivatives[index]);
  if (g == 0 && h == 0) {
    clear_row(row, size);
    return;
  }
  A entropy = entropies == nullptr ? A(0) : A(entropies[index]);
  typename Difference<A>::type difference(1 / temperature, log_sum_exps[index]);
  // The probability of a logit of -infinity: 0, or NaN in a row that has no distribution.
  A impossible = static_cast<A>(log_sum_exps[index] - log_sum_exps[index]);
  A scale = static_cast<A>(1 / temperature), chosen = g * scale;
  u32 id = static_cast<u32>(ids[index]);
  change_row<InFlight<T>::changing>(row, size, [&](auto& values, u32 first) {
    const int count = sizeof(values) / sizeof(values[0]);
#pragma unroll
    for (int i = 0; i < count; i++) {
      A log_p = difference.of(values[i]);
      A p = values[i] == lowest<A>() ? impossible : fast_exp(log_p);
      A pull = -g * p;
      if (h != 0 && p != 0) pull -= h * p * (log_p + entropy);
      values[i] = pull * scale + (first + i == id ? chosen : A(0));
    }
  });
}

#define SELECTED_LOG_PROBS(suffix, T, R)                                                                         \
  extern "C" __global__ void __launch_bounds__(512) selected_log_probs_##suffix(                                 \
      const T* logits, i64 stride, u32 size, const int* ids, double temperature, R* log_probs, R* entropies,     \
      double* log_sum_exps) {                                                                                         \
    __shared__ double scratch[32];                                                                               \
    if (entropies != nullptr) {                                                                                  \
      selected_log_probs<true>(                                                                                  \
          logits, stride, size, ids, temperature, log_probs, entropies, log_sum_exps, scratch);                  \
    } else {                                                                                                     \
      selected_log_probs<false>(                                                                                 \
          logits, stride, size, ids, temperature, log_probs, entropies, log_sum_exps, scratch);                  \
    }                                                                                                            \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(512) selected_log_probs_backward_##suffix(                        \
      T* logits, i64 stride, u32 size, const int* ids, double temperature, const double* log_sum_exps,                \
      const R* log_prob_derivatives, const R* entropy_derivatives, const R* entropies) {                         \
    selected_log_probs_backward(                                                                                 \
        logits, stride, size, ids, temperature, log_sum_exps, log_prob_derivatives, entropy_derivatives,         \
        entropies);                                                                                              \
  }
SELECTED_LOG_PROBS(f32, float, float)
SELECTED_LOG_PROBS(f64, double, double)
SELECTED_LOG_PROBS(bf16, bf16, float)
