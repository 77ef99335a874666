// One token per row, one block per row. Filters keep a prefix of the order (larger logit first, lower id first among
// equals), so what they keep is described by the last one kept; it is found digit by digit from histograms (radix
// selection), without sorting. Probabilities are computed in float64; histograms hold integers, whose sums do not depend
// on the order of additions, so that a draw never depends on timing.
#pragma once
#include "common.cuh"

#define SAMPLING_THREADS 512
#define BINS 256
#define COPIES 8  // of each bin, by lane, so that equal digits in a warp meet less often

enum { GUMBEL_MAX = 0, INVERSE_CDF = 1 };
enum { INVERSE_CDF_STREAM = 0, GUMBEL_STREAM = 1 };

// Philox4x32-10 (Salmon et al., SC11).
__device__ __forceinline__ uint4 philox(uint4 counter, uint2 key) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    u32 high0 = __umulhi(0xD2511F53u, counter.x), low0 = 0xD2511F53u * counter.x;
    u32 high1 = __umulhi(0xCD9E8D57u, counter.z), low1 = 0xCD9E8D57u * counter.z;
    counter = make_uint4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
    key.x += 0x9E3779B9u;
    key.y += 0xBB67AE85u;
  }
  return counter;
}

__device__ __forceinline__ uint4 sampler_words(u64 seed, u64 position, u32 stream, u32 block) {
  return philox(
      make_uint4(block, stream, static_cast<u32>(position), static_cast<u32>(position >> 32)),
      make_uint2(static_cast<u32>(seed), static_cast<u32>(seed >> 32)));
}

// Unsigned integers in the order of the numbers; -0 and 0 are equal numbers and so get one key.
__device__ __forceinline__ u64 order_key(float value) {
  u32 bits = __float_as_uint(value + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
__device__ __forceinline__ u64 order_key(double value) {
  u64 bits = static_cast<u64>(__double_as_longlong(value + 0.0));
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

template <class A>
struct KeyDigits;
template <>
struct KeyDigits<float> {
  static const int count = 4;
};
template <>
struct KeyDigits<double> {
  static const int count = 8;
};

// A place in the order: everything at or above it is kept. The id is complemented, so that the lower one is larger.
struct Rank {
  u64 key;
  u32 rest;
  __device__ __forceinline__ bool keeps(u64 other_key, u32 other_rest) const {
    return other_key > key || (other_key == key && other_rest >= rest);
  }
};

struct SamplingScratch {
  u64 bins[BINS * COPIES];
  double sums[32];
  u64 counts[32];
  u64 wanted;
  u32 digit;
  u32 exhausted;
};

// The row that is being sampled, relative to its largest logit.
template <class T>
struct SampledRow {
  typedef typename Compute<T>::type A;
  const T* logits;
  u32 size;
  double largest;
  double temperature;
  double min_p;
  Rank last;

  __device__ __forceinline__ double scaled(A value) const {
    return (static_cast<double>(value) - largest) / temperature;
  }
  // exp of the scaled logit for what is kept, 0 for the rest.
  __device__ __forceinline__ double mass(A value, u32 id) const {
    if (!last.keeps(order_key(value), ~id)) return 0;
    double mass = exp(scaled(value));
    return mass < min_p ? 0 : mass;
  }
};

// Walks a histogram from the top bin down to the one in which the running sum reaches what is wanted; what is wanted of
// that bin, and whether that is all of it, are left in shared memory.
__device__ __forceinline__ void find_digit(SamplingScratch* shared) {
  if (threadIdx.x < 32) {
    const int each = BINS / 32;
    u32 top = BINS - 1 - threadIdx.x * each;  // this lane's bins are top, top - 1, ...
    u64 bins[each], mine = 0;
    for (int i = 0; i < each; i++) {
      bins[i] = 0;
      for (int copy = 0; copy < COPIES; copy++) bins[i] += shared->bins[(top - i) * COPIES + copy];
      mine += bins[i];
    }
    u64 above = mine;
    for (int step = 1; step < 32; step <<= 1) {
      u64 other = __shfl_up_sync(FULL_WARP, above, step);
      if (static_cast<int>(threadIdx.x) >= step) above += other;
    }
    u64 wanted = shared->wanted, running = above - mine;
    __syncwarp();
    if (running < wanted && wanted <= above) {
      for (int i = 0; i < each; i++) {
        if (running + bins[i] >= wanted) {
          shared->digit = top - i;
          shared->wanted = wanted - running;
          shared->exhausted = wanted - running == bins[i];
          break;
        }
        running += bins[i];
      }
    }
  }
  __syncthreads();
}

// The place in the order at which the running weight reaches `wanted`, which is at least 1 and at most the weight of
// everything. The weight of a logit is an integer, weigh(value, id).
template <class T, class Weigh>
__device__ __forceinline__ Rank select(const T* row, u32 size, u64 wanted, SamplingScratch* shared, Weigh weigh) {
  typedef typename Compute<T>::type A;
  const int key_digits = KeyDigits<A>::count, digits = key_digits + 4;
  Rank found = {0, 0};
  if (threadIdx.x == 0) shared->wanted = wanted;
  for (int digit = 0; digit < digits; digit++) {
    for (u32 i = threadIdx.x; i < BINS * COPIES; i += blockDim.x) shared->bins[i] = 0;
    __syncthreads();
    bool in_key = digit < key_digits;
    int shift = 8 * ((in_key ? key_digits : digits) - 1 - digit);
    for (u32 id = threadIdx.x; id < size; id += blockDim.x) {
      A value = load(row[id]);
      u64 key = order_key(value);
      u32 rest = ~id, bin;
      if (in_key) {
        // The digits above this one; a shift by the whole width is undefined, hence in two steps.
        if ((key >> shift >> 8) != (found.key >> shift >> 8)) continue;
        bin = static_cast<u32>(key >> shift) & 255;
      } else {
        if (key != found.key || static_cast<u64>(rest) >> shift >> 8 != static_cast<u64>(found.rest) >> shift >> 8) continue;
        bin = rest >> shift & 255;
      }
      u64 weight = weigh(value, id);
      if (weight != 0) atomicAdd(&shared->bins[bin * COPIES + (threadIdx.x & (COPIES - 1))], weight);
    }
    __syncthreads();
    find_digit(shared);
    if (in_key) found.key |= static_cast<u64>(shared->digit) << shift;
    else found.rest |= shared->digit << shift;
    bool exhausted = shared->exhausted != 0;
    __syncthreads();
    // All of the bin is wanted: the digits below may be anything, and stay 0.
    if (exhausted) break;
  }
  return found;
}

template <class A>
struct Best {
  A value;
  u32 id;
};

// The block's largest value, and of equals the lowest id; every thread gets it.
template <class A>
__device__ __forceinline__ Best<A> block_best(Best<A> mine, SamplingScratch* shared) {
  A top = block_reduce(mine.value, lowest<A>(), Larger(), reinterpret_cast<A*>(shared->sums));
  u32 lowest_id = mine.value == top ? mine.id : 0xffffffffu;
  for (int step = 16; step > 0; step >>= 1) {
    u32 other = __shfl_xor_sync(FULL_WARP, lowest_id, step);
    lowest_id = other < lowest_id ? other : lowest_id;
  }
  if ((threadIdx.x & 31) == 0) shared->counts[threadIdx.x >> 5] = lowest_id;
  __syncthreads();
  for (u32 warp = 0; warp < blockDim.x >> 5; warp++) {
    u32 other = static_cast<u32>(shared->counts[warp]);
    lowest_id = other < lowest_id ? other : lowest_id;
  }
  __syncthreads();
  Best<A> best = {top, lowest_id};
  return best;
}

template <class T>
__device__ __forceinline__ u32 draw_gumbel(const SampledRow<T>& row, u64 seed, u64 position, SamplingScratch* shared) {
  typedef typename Compute<T>::type A;
  Best<double> best = {lowest<double>(), 0xffffffffu};
  u32 blocks = (row.size + 3) / 4;
  for (u32 block = threadIdx.x; block < blocks; block += blockDim.x) {
    uint4 raw = sampler_words(seed, position, GUMBEL_STREAM, block);
    u32 words[4] = {raw.x, raw.y, raw.z, raw.w};
    for (u32 i = 0; i < 4; i++) {
      u32 id = 4 * block + i;
      if (id >= row.size) break;
      A value = load(row.logits[id]);
      if (!row.last.keeps(order_key(value), ~id)) continue;
      double scaled = row.scaled(value);
      if (row.min_p > 0 && exp(scaled) < row.min_p) continue;
      double noisy = scaled - log(-log((words[i] + 0.5) * 0x1p-32));
      if (noisy > best.value) {
        best.value = noisy;
        best.id = id;
      }
    }
  }
  return block_best(best, shared).id;
}

// Each warp owns a run of consecutive ids; the warp in whose run the cumulative probability passes the target goes
// through its run again, 32 ids at a time.
template <class T>
__device__ __forceinline__ u32 draw_inverse_cdf(const SampledRow<T>& row, u64 seed, u64 position, SamplingScratch* shared) {
  u32 warps = blockDim.x >> 5, warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  u32 run = ((row.size + warps - 1) / warps + 31) / 32 * 32;
  u32 from = warp * run < row.size ? warp * run : row.size, to = from + run < row.size ? from + run : row.size;
  double mass = 0;
  for (u32 id = from + lane; id < to; id += 32) mass += row.mass(load(row.logits[id]), id);
  for (int step = 16; step > 0; step >>= 1) mass += __shfl_xor_sync(FULL_WARP, mass, step);
  if (lane == 0) shared->sums[warp] = mass;
  __syncthreads();
  double all = 0;
  for (u32 i = 0; i < warps; i++) all += shared->sums[i];
  uint4 words = sampler_words(seed, position, INVERSE_CDF_STREAM, 0);
  u64 bits = (static_cast<u64>(words.y) << 32 | words.x) >> 11;
  double target = static_cast<double>(bits) * 0x1p-53 * all, before = 0;
  u32 chosen = warps - 1;
  bool found = false;
  for (u32 i = 0; i < warps; i++) {
    if (shared->sums[i] > 0) {
      // The last run with any probability, should rounding keep the sum from passing the target.
      if (!found) chosen = i;
      if (!found && before + shared->sums[i] > target) found = true;
    }
    if (!found) before += shared->sums[i];
  }
  if (!found) {
    before = 0;
    for (u32 i = 0; i < chosen; i++) before += shared->sums[i];
  }
  if (warp == chosen) {
    u32 token = 0xffffffffu;
    bool passed = false;
    for (u32 start = from; start < to && !passed; start += 32) {
      u32 id = start + lane;
      double own = id < to ? row.mass(load(row.logits[id]), id) : 0, cumulative = own;
      for (int step = 1; step < 32; step <<= 1) {
        double other = __shfl_up_sync(FULL_WARP, cumulative, step);
        if (static_cast<int>(lane) >= step) cumulative += other;
      }
      u32 passing = __ballot_sync(FULL_WARP, own > 0 && before + cumulative > target);
      u32 possible = __ballot_sync(FULL_WARP, own > 0);
      if (passing != 0) {
        token = start + __ffs(static_cast<int>(passing)) - 1;
        passed = true;
      } else if (possible != 0) {
        token = start + 31 - __clz(static_cast<int>(possible));
      }
      before += __shfl_sync(FULL_WARP, cumulative, 31);
    }
    if (lane == 0) shared->digit = token;
  }
  __syncthreads();
  return shared->digit;
}

template <class T, class R>
__device__ __forceinline__ void sample_tokens(
    const T* logits, i64 stride, u32 size, const i64* seeds, const i64* positions, double temperature, u32 top_k,
    double top_p, double min_p, int draw, int* tokens, R* log_probs, SamplingScratch* shared) {
  typedef typename Compute<T>::type A;
  i64 index = blockIdx.x;
  const T* row = logits + index * stride;
  Best<A> best = {lowest<A>(), 0xffffffffu};
  bool not_numbers = false;
  visit_row<InFlight<T>::reading>(row, size, [&](const auto& values, u32 first) {
    const int count = sizeof(values) / sizeof(values[0]);
#pragma unroll
    for (int i = 0; i < count; i++) {
      not_numbers = not_numbers || values[i] != values[i];
      // A thread meets its ids in rising order but for the unaligned ends of the row.
      if (values[i] > best.value || (values[i] == best.value && first + i < best.id)) {
        best.value = values[i];
        best.id = first + i;
      }
    }
  });
  best = block_best(best, shared);
  bool impossible = __syncthreads_or(not_numbers) != 0 || best.value == lowest<A>() || best.value == -lowest<A>();
  if (impossible) {
    if (threadIdx.x == 0) {
      tokens[index] = -1;
      store(log_probs[index], __longlong_as_double(0x7ff8000000000000ll));
    }
    return;
  }
  double largest = best.value, plain_mass = 0;
  for (u32 id = threadIdx.x; id < size; id += blockDim.x) plain_mass += exp(static_cast<double>(load(row[id])) - largest);
  plain_mass = block_sum(plain_mass, shared->sums);

  u32 token = best.id;
  if (temperature > 0) {
    SampledRow<T> sampled = {row, size, largest, temperature, 0, {0, 0}};
    if (top_k > 0 && top_k < size) {
      sampled.last = select(row, size, static_cast<u64>(top_k), shared, [](A, u32) { return static_cast<u64>(1); });
    }
    if (top_p < 1) {
      // Masses as integers, as fine as 62 bits allow for a whole row of ones.
      double unit = 1;
      for (u64 reach = 1ull << 62; reach > size; reach >>= 1) unit *= 2;
      auto weigh = [&](A value, u32 id) { return static_cast<u64>(sampled.mass(value, id) * unit + 0.5); };
      u64 mine = 0;
      for (u32 id = threadIdx.x; id < size; id += blockDim.x) mine += weigh(load(row[id]), id);
      u64 mass = block_reduce(mine, static_cast<u64>(0), Plus(), shared->counts);
      u64 wanted = static_cast<u64>(ceil(top_p * static_cast<double>(mass)));
      wanted = wanted < 1 ? 1 : wanted > mass ? mass : wanted;
      Rank nucleus = select(row, size, wanted, shared, weigh);
      // What top-k dropped weighs nothing and may lie above the nucleus's last digit; the stricter of the two holds.
      if (!nucleus.keeps(sampled.last.key, sampled.last.rest)) sampled.last = nucleus;
    }
    sampled.min_p = min_p;
    token = draw == GUMBEL_MAX ? draw_gumbel(sampled, static_cast<u64>(seeds[index]), static_cast<u64>(positions[index]), shared)
                               : draw_inverse_cdf(sampled, static_cast<u64>(seeds[index]), static_cast<u64>(positions[index]), shared);
  }
  if (threadIdx.x == 0) {
    tokens[index] = static_cast<int>(token);
    store(log_probs[index], static_cast<double>(load(row[token])) - largest - log(plain_mass));
  }
}

#define SAMPLE_TOKENS(suffix, T, R)                                                                              \
  extern "C" __global__ void __launch_bounds__(SAMPLING_THREADS) sample_tokens_##suffix(                         \
      const T* logits, i64 stride, u32 size, const i64* seeds, const i64* positions, double temperature,         \
      u32 top_k, double top_p, double min_p, int draw, int* tokens, R* log_probs) {                              \
    __shared__ SamplingScratch scratch;                                                                          \
    sample_tokens(                                                                                               \
        logits, stride, size, seeds, positions, temperature, top_k, top_p, min_p, draw, tokens, log_probs,       \
        &scratch);                                                                                               \
  }
SAMPLE_TOKENS(f32, float, float)
SAMPLE_TOKENS(f64, double, double)
SAMPLE_TOKENS(bf16, bf16, float)
