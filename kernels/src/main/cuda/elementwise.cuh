// Importance weights and fp32 <-> bf16: one thread per number or pack of eight.
#pragma once
#include "common.cuh"

#define MAX_LOG_RATIO 20.0

// NaN stays NaN, which fmin and fmax would drop.
__device__ __forceinline__ double held(double value, double low, double high) {
  return value < low ? low : value > high ? high : value;
}

template <class T>
__device__ __forceinline__ void importance_weights(
    const T* trainer, const T* sampler, i64 size, int masked, double cap, T* weights) {
  for (i64 i = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += static_cast<i64>(gridDim.x) * blockDim.x) {
    double difference = static_cast<double>(trainer[i]) - static_cast<double>(sampler[i]);
    double ratio = exp(held(difference, -MAX_LOG_RATIO, MAX_LOG_RATIO));
    store(weights[i], ratio > cap ? (masked ? 0.0 : cap) : ratio);
  }
}

#define IMPORTANCE_WEIGHTS(suffix, T)                                                                            \
  extern "C" __global__ void __launch_bounds__(256) importance_weights_##suffix(                                 \
      const T* trainer, const T* sampler, i64 size, int masked, double cap, T* weights) {                        \
    importance_weights(trainer, sampler, size, masked, cap, weights);                                            \
  }
IMPORTANCE_WEIGHTS(f32, float)
IMPORTANCE_WEIGHTS(f64, double)

__device__ __forceinline__ bool aligned(const void* pointer) { return (reinterpret_cast<u64>(pointer) & 15) == 0; }

extern "C" __global__ void __launch_bounds__(256) convert_f32_to_bf16(const float* from, bf16* to, i64 size) {
  i64 thread = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x, threads = static_cast<i64>(gridDim.x) * blockDim.x;
  i64 packs = aligned(from) && aligned(to) ? size / 8 : 0;
  for (i64 i = thread; i < packs; i += threads) {
    const uint4* source = reinterpret_cast<const uint4*>(from) + 2 * i;
    uint4 raw[2] = {source[0], source[1]};
    float first[4], second[4];
    Packed<float>::unpack(raw[0], first);
    Packed<float>::unpack(raw[1], second);
    float all[8] = {first[0], first[1], first[2], first[3], second[0], second[1], second[2], second[3]};
    reinterpret_cast<uint4*>(to)[i] = Packed<bf16>::pack(all);
  }
  for (i64 i = packs * 8 + thread; i < size; i += threads) to[i] = to_bf16(from[i]);
}

extern "C" __global__ void __launch_bounds__(256) convert_bf16_to_f32(const bf16* from, float* to, i64 size) {
  i64 thread = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x, threads = static_cast<i64>(gridDim.x) * blockDim.x;
  i64 packs = aligned(from) && aligned(to) ? size / 8 : 0;
  for (i64 i = thread; i < packs; i += threads) {
    float values[8];
    Packed<bf16>::unpack(reinterpret_cast<const uint4*>(from)[i], values);
    float4* target = reinterpret_cast<float4*>(to) + 2 * i;
    target[0] = make_float4(values[0], values[1], values[2], values[3]);
    target[1] = make_float4(values[4], values[5], values[6], values[7]);
  }
  for (i64 i = packs * 8 + thread; i < size; i += threads) to[i] = load(from[i]);
}
