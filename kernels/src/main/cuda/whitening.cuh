// Masked whitening in three launches: sums, squared deviations, values. Each block leaves a partial result, and every
// block of the next launch adds them all up in the same order, so that no atomic addition of floats is needed.
#pragma once
#include "common.cuh"

#define WHITENING_THREADS 256

// partials: [blocks] sums, then [blocks] counts, then [blocks] squares.
__device__ __forceinline__ double total(const double* partials, u32 blocks, double* scratch) {
  double mine = 0;
  for (u32 i = threadIdx.x; i < blocks; i += blockDim.x) mine += partials[i];
  return block_sum(mine, scratch);
}

__device__ __forceinline__ bool counts(const u8* mask, i64 i) { return mask == nullptr || mask[i] != 0; }

template <class T>
__device__ __forceinline__ void whitening_sums(const T* values, const u8* mask, i64 size, double* partials, double* scratch) {
  double sum = 0, count = 0;
  for (i64 i = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += static_cast<i64>(gridDim.x) * blockDim.x) {
    if (counts(mask, i)) {
      sum += static_cast<double>(values[i]);
      count += 1;
    }
  }
  sum = block_sum(sum, scratch);
  count = block_sum(count, scratch);
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = sum;
    partials[gridDim.x + blockIdx.x] = count;
  }
}

template <class T>
__device__ __forceinline__ void whitening_squares(const T* values, const u8* mask, i64 size, double* partials, double* scratch) {
  double mean = total(partials, gridDim.x, scratch) / total(partials + gridDim.x, gridDim.x, scratch), squares = 0;
  for (i64 i = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += static_cast<i64>(gridDim.x) * blockDim.x) {
    if (counts(mask, i)) {
      double deviation = static_cast<double>(values[i]) - mean;
      squares += deviation * deviation;
    }
  }
  squares = block_sum(squares, scratch);
  if (threadIdx.x == 0) partials[2 * gridDim.x + blockIdx.x] = squares;
}

template <class T>
__device__ __forceinline__ void whitening_values(
    const T* values, const u8* mask, i64 size, double epsilon, const double* partials, T* whitened, double* scratch) {
  double count = total(partials + gridDim.x, gridDim.x, scratch);
  double mean = total(partials, gridDim.x, scratch) / count;
  double variance = total(partials + 2 * gridDim.x, gridDim.x, scratch) / (count - 1);
  double scale = 1 / sqrt(variance + epsilon);
  for (i64 i = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += static_cast<i64>(gridDim.x) * blockDim.x) {
    store(whitened[i], counts(mask, i) && count >= 2 ? (static_cast<double>(values[i]) - mean) * scale : 0.0);
  }
}

#define WHITENING(suffix, T)                                                                                     \
  extern "C" __global__ void __launch_bounds__(WHITENING_THREADS) whitening_sums_##suffix(                       \
      const T* values, const u8* mask, i64 size, double* partials) {                                             \
    __shared__ double scratch[32];                                                                               \
    whitening_sums(values, mask, size, partials, scratch);                                                       \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(WHITENING_THREADS) whitening_squares_##suffix(                    \
      const T* values, const u8* mask, i64 size, double* partials) {                                             \
    __shared__ double scratch[32];                                                                               \
    whitening_squares(values, mask, size, partials, scratch);                                                    \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(WHITENING_THREADS) whitening_values_##suffix(                     \
      const T* values, const u8* mask, i64 size, double epsilon, const double* partials, T* whitened) {          \
    __shared__ double scratch[32];                                                                               \
    whitening_values(values, mask, size, epsilon, partials, whitened, scratch);                                  \
  }
WHITENING(f32, float)
WHITENING(f64, double)
