// What the kernels share: element types, reductions whose order is fixed, and rows read in 16-byte pieces.
//
// Plain CUDA C++ without headers, so that the test's emulation can compile it with a host compiler. Shared memory is
// declared in the __global__ functions only and passed down.
#pragma once

#define FULL_WARP 0xffffffffu

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

// A bfloat16 as its bits.
struct bf16 {
  unsigned short bits;
};

__device__ __forceinline__ float infinity() { return __uint_as_float(0x7f800000u); }

template <class A>
__device__ __forceinline__ A lowest();
template <>
__device__ __forceinline__ float lowest<float>() { return -infinity(); }
template <>
__device__ __forceinline__ double lowest<double>() { return -static_cast<double>(infinity()); }

// The type a formula is computed in: doubles in double, everything narrower in float.
template <class T>
struct Compute {
  typedef float type;
};
template <>
struct Compute<double> {
  typedef double type;
};

__device__ __forceinline__ float load(float value) { return value; }
__device__ __forceinline__ double load(double value) { return value; }
__device__ __forceinline__ float load(bf16 value) { return __uint_as_float(static_cast<u32>(value.bits) << 16); }

// To nearest, ties to even; a NaN keeps its sign and upper bits and becomes quiet, as on the host.
__device__ __forceinline__ bf16 to_bf16(float value) {
  u32 bits = __float_as_uint(value);
  bf16 result;
  if (value != value) {
    result.bits = static_cast<unsigned short>((bits >> 16) | 0x40u);
  } else {
    result.bits = static_cast<unsigned short>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
  }
  return result;
}

__device__ __forceinline__ void store(float& place, float value) { place = value; }
__device__ __forceinline__ void store(float& place, double value) { place = static_cast<float>(value); }
__device__ __forceinline__ void store(double& place, double value) { place = value; }
__device__ __forceinline__ void store(bf16& place, float value) { place = to_bf16(value); }
__device__ __forceinline__ void store(bf16& place, double value) { place = to_bf16(static_cast<float>(value)); }

// The hardware's exponential for sums of many terms: 2 ulp plus |x| / 2^23 relative.
__device__ __forceinline__ float fast_exp(float value) { return __expf(value); }
__device__ __forceinline__ double fast_exp(double value) { return exp(value); }

// The largest magnitude comes first; a NaN in either argument is dropped, and shows in the sums instead.
__device__ __forceinline__ float larger(float a, float b) { return fmaxf(a, b); }
__device__ __forceinline__ double larger(double a, double b) { return fmax(a, b); }

struct Plus {
  template <class A>
  __device__ __forceinline__ A operator()(A a, A b) const { return a + b; }
};
struct Larger {
  template <class A>
  __device__ __forceinline__ A operator()(A a, A b) const { return larger(a, b); }
};
struct Smaller {
  __device__ __forceinline__ float operator()(float a, float b) const { return fminf(a, b); }
  __device__ __forceinline__ double operator()(double a, double b) const { return fmin(a, b); }
};

// Combines the values of a block; every thread gets the result, and always by the same tree of operations. The block is
// a multiple of 32 threads; scratch holds 32 values and may be used again at once.
template <class A, class Op>
__device__ __forceinline__ A block_reduce(A value, A identity, Op op, A* scratch) {
  for (int step = 16; step > 0; step >>= 1) value = op(value, __shfl_xor_sync(FULL_WARP, value, step));
  u32 warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  if (lane == 0) scratch[warp] = value;
  __syncthreads();
  A total = lane < (blockDim.x >> 5) ? scratch[lane] : identity;
  for (int step = 16; step > 0; step >>= 1) total = op(total, __shfl_xor_sync(FULL_WARP, total, step));
  __syncthreads();
  return total;
}

template <class A>
__device__ __forceinline__ A block_sum(A value, A* scratch) {
  return block_reduce(value, A(0), Plus(), scratch);
}

// 16 bytes of a row as numbers, and back.
template <class T>
struct Packed;
template <>
struct Packed<float> {
  static const int count = 4;
  static __device__ __forceinline__ void unpack(uint4 raw, float (&values)[4]) {
    values[0] = __uint_as_float(raw.x);
    values[1] = __uint_as_float(raw.y);
    values[2] = __uint_as_float(raw.z);
    values[3] = __uint_as_float(raw.w);
  }
  static __device__ __forceinline__ uint4 pack(const float (&values)[4]) {
    return make_uint4(
        __float_as_uint(values[0]), __float_as_uint(values[1]), __float_as_uint(values[2]), __float_as_uint(values[3]));
  }
};
template <>
struct Packed<double> {
  static const int count = 2;
  static __device__ __forceinline__ void unpack(uint4 raw, double (&values)[2]) {
    values[0] = __longlong_as_double(static_cast<i64>(static_cast<u64>(raw.y) << 32 | raw.x));
    values[1] = __longlong_as_double(static_cast<i64>(static_cast<u64>(raw.w) << 32 | raw.z));
  }
  static __device__ __forceinline__ uint4 pack(const double (&values)[2]) {
    u64 first = static_cast<u64>(__double_as_longlong(values[0])), second = static_cast<u64>(__double_as_longlong(values[1]));
    return make_uint4(static_cast<u32>(first), static_cast<u32>(first >> 32), static_cast<u32>(second), static_cast<u32>(second >> 32));
  }
};
template <>
struct Packed<bf16> {
  static const int count = 8;
  static __device__ __forceinline__ void unpack(uint4 raw, float (&values)[8]) {
    u32 pairs[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      values[2 * i] = __uint_as_float(pairs[i] << 16);
      values[2 * i + 1] = __uint_as_float(pairs[i] & 0xffff0000u);
    }
  }
  static __device__ __forceinline__ uint4 pack(const float (&values)[8]) {
    u32 pairs[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      pairs[i] = static_cast<u32>(to_bf16(values[2 * i]).bits) | static_cast<u32>(to_bf16(values[2 * i + 1]).bits) << 16;
    }
    return make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
  }
};

// Packs in flight per thread while a row is read: what hides the memory's latency. Double arithmetic hides it by itself,
// and needs the registers.
template <class T>
struct InFlight {
  static const int reading = 4, changing = 2;
};
template <>
struct InFlight<double> {
  static const int reading = 1, changing = 1;
};

// Elements before the first 16-byte boundary of a row, at most all of it.
template <class T>
__device__ __forceinline__ u32 head_of(const T* row, u32 size) {
  u32 off = static_cast<u32>(reinterpret_cast<u64>(row) & 15) / sizeof(T);
  u32 head = (Packed<T>::count - off) % Packed<T>::count;
  return head < size ? head : size;
}

// Shows every element of a row to one thread of the block: visit(values, first), with an array of 1 or of a pack of
// numbers, the first of which has the given index. UNROLL loads are in flight per thread before the first is used.
template <int UNROLL, class T, class Visit>
__device__ __forceinline__ void visit_row(const T* row, u32 size, Visit visit) {
  typedef typename Compute<T>::type A;
  const u32 lanes = Packed<T>::count;
  u32 head = head_of(row, size), packs = (size - head) / lanes;
  if (threadIdx.x < head) {
    A single[1] = {load(row[threadIdx.x])};
    visit(single, threadIdx.x);
  }
  const uint4* body = reinterpret_cast<const uint4*>(row + head);
  u32 pack = threadIdx.x;
  for (; pack + (UNROLL - 1) * blockDim.x < packs; pack += UNROLL * blockDim.x) {
    uint4 raw[UNROLL];
#pragma unroll
    for (int i = 0; i < UNROLL; i++) raw[i] = body[pack + i * blockDim.x];
#pragma unroll
    for (int i = 0; i < UNROLL; i++) {
      A values[Packed<T>::count];
      Packed<T>::unpack(raw[i], values);
      visit(values, head + (pack + i * blockDim.x) * lanes);
    }
  }
  for (; pack < packs; pack += blockDim.x) {
    A values[Packed<T>::count];
    Packed<T>::unpack(body[pack], values);
    visit(values, head + pack * lanes);
  }
  u32 last = head + packs * lanes + threadIdx.x;
  if (last < size) {
    A single[1] = {load(row[last])};
    visit(single, last);
  }
}

// As visit_row, from the end of the row, and what the visitor leaves in the array becomes the row. Who has just read the
// row finds its end in the cache.
template <int UNROLL, class T, class Change>
__device__ __forceinline__ void change_row(T* row, u32 size, Change change) {
  typedef typename Compute<T>::type A;
  const u32 lanes = Packed<T>::count;
  u32 head = head_of(row, size), packs = (size - head) / lanes;
  if (threadIdx.x < head) {
    A single[1] = {load(row[threadIdx.x])};
    change(single, threadIdx.x);
    store(row[threadIdx.x], single[0]);
  }
  uint4* body = reinterpret_cast<uint4*>(row + head);
  u32 pack = threadIdx.x;
  for (; pack + (UNROLL - 1) * blockDim.x < packs; pack += UNROLL * blockDim.x) {
    uint4 raw[UNROLL];
#pragma unroll
    for (int i = 0; i < UNROLL; i++) raw[i] = body[packs - 1 - pack - i * blockDim.x];
#pragma unroll
    for (int i = 0; i < UNROLL; i++) {
      A values[Packed<T>::count];
      u32 place = packs - 1 - pack - i * blockDim.x;
      Packed<T>::unpack(raw[i], values);
      change(values, head + place * lanes);
      body[place] = Packed<T>::pack(values);
    }
  }
  for (; pack < packs; pack += blockDim.x) {
    A values[Packed<T>::count];
    u32 place = packs - 1 - pack;
    Packed<T>::unpack(body[place], values);
    change(values, head + place * lanes);
    body[place] = Packed<T>::pack(values);
  }
  u32 last = head + packs * lanes + threadIdx.x;
  if (last < size) {
    A single[1] = {load(row[last])};
    change(single, last);
    store(row[last], single[0]);
  }
}
