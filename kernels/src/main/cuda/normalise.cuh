// Group-relative normalisation: one warp per group, float64 sums.
#pragma once
#include "common.cuh"

__device__ __forceinline__ double warp_sum(double value) {
  for (int step = 16; step > 0; step >>= 1) value += __shfl_xor_sync(FULL_WARP, value, step);
  return value;
}

enum { MEAN_STD = 0, MEAN = 1, LEAVE_ONE_OUT = 2 };

template <class T>
__device__ __forceinline__ void normalise_groups(
    const T* values, const int* offsets, i64 groups, i64 size, int how, double epsilon, T* normalised,
    u64* without_signal) {
  i64 group = static_cast<i64>(blockIdx.x) * (blockDim.x >> 5) + (threadIdx.x >> 5);
  if (group >= groups) return;  // whole warps only, and no barrier follows
  u32 lane = threadIdx.x & 31;
  // Offsets on a device were checked by nobody; held to the array, wrong ones cannot reach other memory.
  i64 from = offsets[group] < 0 ? 0 : offsets[group];
  i64 to = offsets[group + 1] > size ? size : offsets[group + 1];
  double sum = 0;
  bool equal = true;
  for (i64 i = from + lane; i < to; i += 32) {
    double value = load(values[i]);
    sum += value;
    // Asked of the values: rounding in the mean of equal ones would leave a variance that is not quite zero.
    equal = equal && value == static_cast<double>(load(values[from]));
  }
  sum = warp_sum(sum);
  i64 members = to - from;
  if (members < 2 || __ballot_sync(FULL_WARP, equal) == FULL_WARP) {
    for (i64 i = from + lane; i < to; i += 32) store(normalised[i], 0.0);
    if (lane == 0) atomicAdd(without_signal, static_cast<u64>(1));
    return;
  }
  double mean = sum / static_cast<double>(members), squares = 0;
  for (i64 i = from + lane; i < to; i += 32) {
    double deviation = load(values[i]) - mean;
    squares += deviation * deviation;
  }
  squares = warp_sum(squares);
  double scale = 1;
  if (how == MEAN_STD) scale = 1 / (sqrt(squares / static_cast<double>(members - 1)) + epsilon);
  if (how == LEAVE_ONE_OUT) scale = static_cast<double>(members) / static_cast<double>(members - 1);
  for (i64 i = from + lane; i < to; i += 32) store(normalised[i], (load(values[i]) - mean) * scale);
}

#define NORMALISE_GROUPS(suffix, T)                                                                              \
  extern "C" __global__ void __launch_bounds__(256) normalise_groups_##suffix(                                   \
      const T* values, const int* offsets, i64 groups, i64 size, int how, double epsilon, T* normalised,         \
      u64* without_signal) {                                                                                     \
    normalise_groups(values, offsets, groups, size, how, epsilon, normalised, without_signal);                   \
  }
NORMALISE_GROUPS(f32, float)
NORMALISE_GROUPS(f64, double)
