// AdamW over any number of tensors in one launch. A block updates one chunk; which tensor it belongs to is found by
// bisection in the table.
#pragma once
#include "common.cuh"

#define ADAMW_CHUNK 8192

// A row of the table, as the host writes it: 48 bytes.
template <class T>
struct AdamWTensor {
  T* parameters;
  const T* gradients;
  T* first_moments;
  T* second_moments;
  i64 size;
  u32 first_chunk;
  u32 decays;
};

template <class T>
struct AdamWFactors {
  T decay, gradient_scale, beta1, rest1, beta2, rest2, step_size, root_correction, epsilon;
};

template <class T>
__device__ __forceinline__ void adamw_update(T& p, T g, T& m, T& v, bool decays, const AdamWFactors<T>& f) {
  g *= f.gradient_scale;
  if (decays) p *= f.decay;
  m = f.beta1 * m + f.rest1 * g;
  v = f.beta2 * v + f.rest2 * g * g;
  p -= f.step_size * m / (sqrt(v) / f.root_correction + f.epsilon);
}

template <class T>
__device__ __forceinline__ void adamw(const AdamWTensor<T>* table, u32 tensors, const AdamWFactors<T>& factors) {
  u32 low = 0, high = tensors;  // the last tensor whose first chunk is not after this block
  while (high - low > 1) {
    u32 middle = low + (high - low) / 2;
    if (table[middle].first_chunk <= blockIdx.x) low = middle; else high = middle;
  }
  AdamWTensor<T> tensor = table[low];
  i64 from = static_cast<i64>(blockIdx.x - tensor.first_chunk) * ADAMW_CHUNK;
  i64 to = from + ADAMW_CHUNK < tensor.size ? from + ADAMW_CHUNK : tensor.size;
  T *p = tensor.parameters, *m = tensor.first_moments, *v = tensor.second_moments;
  const T* g = tensor.gradients;
  const int lanes = Packed<T>::count;
  u64 addresses = reinterpret_cast<u64>(p) | reinterpret_cast<u64>(g) | reinterpret_cast<u64>(m) | reinterpret_cast<u64>(v);
  i64 vectors_end = (addresses & 15) == 0 ? from + (to - from) / lanes * lanes : from;
  for (i64 i = from + static_cast<i64>(threadIdx.x) * lanes; i < vectors_end; i += static_cast<i64>(blockDim.x) * lanes) {
    T ps[lanes], gs[lanes], ms[lanes], vs[lanes];
    uint4 rp = *reinterpret_cast<const uint4*>(p + i), rg = *reinterpret_cast<const uint4*>(g + i);
    uint4 rm = *reinterpret_cast<const uint4*>(m + i), rv = *reinterpret_cast<const uint4*>(v + i);
    Packed<T>::unpack(rp, ps);
    Packed<T>::unpack(rg, gs);
    Packed<T>::unpack(rm, ms);
    Packed<T>::unpack(rv, vs);
#pragma unroll
    for (int k = 0; k < lanes; k++) adamw_update(ps[k], gs[k], ms[k], vs[k], tensor.decays != 0, factors);
    *reinterpret_cast<uint4*>(p + i) = Packed<T>::pack(ps);
    *reinterpret_cast<uint4*>(m + i) = Packed<T>::pack(ms);
    *reinterpret_cast<uint4*>(v + i) = Packed<T>::pack(vs);
  }
  for (i64 i = vectors_end + threadIdx.x; i < to; i += blockDim.x) {
    adamw_update(p[i], g[i], m[i], v[i], tensor.decays != 0, factors);
  }
}

#define ADAMW(suffix, T)                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) adamw_##suffix(                                              \
      const AdamWTensor<T>* table, u32 tensors, T decay, T gradient_scale, T beta1, T rest1, T beta2, T rest2,   \
      T step_size, T root_correction, T epsilon) {                                                               \
    AdamWFactors<T> factors = {decay, gradient_scale, beta1, rest1, beta2, rest2, step_size, root_correction,    \
                               epsilon};                                                                         \
    adamw(table, tensors, factors);                                                                              \
  }
ADAMW(f32, float)
ADAMW(f64, double)
