// Just enough of CUDA C++ for g++ to run the kernels of src/main/cuda on a CPU, so that their logic is executed where no
// GPU is. One fibre per CUDA thread, one block at a time, on the calling thread: barriers and warp exchanges switch
// fibres. The order in which fibres run between barriers is a setting, because a missing barrier shows as a result
// that depends on it, and shared memory is filled with NaN before every block, because real shared memory is not zero.
//
// What this cannot show: races between blocks, memory ordering, speed, and the GPU's own rounding of __expf.
#pragma once
#if !defined(__x86_64__)
#error "the emulation switches fibres with x86-64 instructions"
#endif
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__ __restrict
#define __launch_bounds__(...)
// Shared arrays of all kernels lie in one section, so that they can be poisoned before each block.
#define __shared__ static __attribute__((section("emulated_shared")))
#define __align__(n) __attribute__((aligned(n)))

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct __align__(8) float2 { float x, y; };
struct __align__(16) float4 { float x, y, z, w; };
struct __align__(8) uint2 { unsigned x, y; };
struct __align__(16) uint4 { unsigned x, y, z, w; };
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }

namespace emulation {

enum class Order { ascending, descending, shuffled };

struct Fibre {
  void* stack_pointer;
  char* stack;
  uint3 thread;
  unsigned rank;
  bool finished;
  uint64_t barriers;       // __syncthreads passed
  uint64_t exchanges;      // warp exchanges passed
};

struct Warp {
  uint64_t slot[2][32];
  unsigned arrived;
  uint64_t generation;
};

struct Block {
  dim3 grid, size;
  uint3 index;
  std::vector<Fibre> fibres;
  std::vector<Warp> warps;
  unsigned arrived = 0, live = 0;
  uint64_t generation = 0;
  int any_accumulator = 0, any_result = 0;
  Fibre* current = nullptr;
  void* scheduler = nullptr;
  void (*entry)(void*) = nullptr;
  void* argument = nullptr;
};

inline Block* block = nullptr;

// Saves the callee-saved registers on the stack it leaves and takes those of the stack it enters.
extern "C" void emulation_switch(void** save, void* load);
asm(R"(
.text
.weak emulation_switch
.type emulation_switch,@function
emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulation_switch,.-emulation_switch
)");

inline void yield() { emulation_switch(&block->current->stack_pointer, block->scheduler); }

inline void fibre_main() {
  block->entry(block->argument);
  block->current->finished = true;
  block->live--;
  for (;;) yield();
}

constexpr size_t STACK_BYTES = 64 << 10;

inline void prepare(Fibre& fibre) {
  void** top = reinterpret_cast<void**>(fibre.stack + STACK_BYTES);
  *--top = nullptr;  // keeps the alignment that a call would leave
  *--top = reinterpret_cast<void*>(&fibre_main);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  fibre.stack_pointer = top;
  fibre.finished = false;
}

inline void barrier() {
  uint64_t mine = block->generation;
  if (++block->arrived == block->live) {
    block->arrived = 0;
    block->any_result = block->any_accumulator;
    block->any_accumulator = 0;
    block->generation++;
  }
  while (block->generation == mine) yield();
}

// All 32 lanes leave a value and wait; two sets of slots, so that a fast lane cannot overwrite what a slow one reads.
inline Warp& exchange(uint64_t value) {
  Fibre* self = block->current;
  Warp& warp = block->warps[self->rank / 32];
  unsigned lanes = block->size.x * block->size.y * block->size.z - self->rank / 32 * 32;
  if (lanes > 32) lanes = 32;
  warp.slot[self->exchanges & 1][self->rank % 32] = value;
  uint64_t mine = warp.generation;
  if (++warp.arrived == lanes) {
    warp.arrived = 0;
    warp.generation++;
  }
  while (warp.generation == mine) yield();
  return warp;
}

template <class T>
inline T shuffle(T value, unsigned source) {
  static_assert(sizeof(T) <= 8);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  Warp& warp = exchange(bits);
  uint64_t got = warp.slot[block->current->exchanges++ & 1][source];
  T result;
  std::memcpy(&result, &got, sizeof(T));
  return result;
}

extern "C" char __start_emulated_shared __attribute__((weak));
extern "C" char __stop_emulated_shared __attribute__((weak));

// Runs one launch; answers false when some threads wait at a barrier that others have left for good.
inline bool run(dim3 grid, dim3 size, Order order, void (*entry)(void*), void* argument) {
  Block state;
  state.grid = grid;
  state.size = size;
  state.entry = entry;
  state.argument = argument;
  unsigned threads = size.x * size.y * size.z;
  state.fibres.resize(threads);
  state.warps.resize((threads + 31) / 32);
  std::vector<char> stacks(threads * STACK_BYTES + 64);
  char* base = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(stacks.data()) + 63) / 64 * 64);
  std::vector<unsigned> turn(threads);
  uint64_t random = 0x9E3779B97F4A7C15u;
  Block* outer = block;
  block = &state;
  bool complete = true;
  for (unsigned z = 0; z < grid.z && complete; z++)
  for (unsigned y = 0; y < grid.y && complete; y++)
  for (unsigned x = 0; x < grid.x && complete; x++) {
    state.index = {x, y, z};
    state.live = threads;
    state.arrived = 0;
    std::memset(&__start_emulated_shared, 0xFF, &__stop_emulated_shared - &__start_emulated_shared);
    for (Warp& warp : state.warps) { warp.arrived = 0; warp.generation = 0; }
    for (unsigned i = 0; i < threads; i++) {
      Fibre& fibre = state.fibres[i];
      fibre.rank = i;
      fibre.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
      fibre.stack = base + i * STACK_BYTES;
      fibre.exchanges = 0;
      prepare(fibre);
      turn[i] = order == Order::descending ? threads - 1 - i : i;
    }
    while (state.live > 0) {
      if (order == Order::shuffled) {
        for (unsigned i = threads - 1; i > 0; i--) {
          random ^= random << 13; random ^= random >> 7; random ^= random << 17;
          std::swap(turn[i], turn[random % (i + 1)]);
        }
      }
      unsigned live = state.live, arrived = state.arrived;
      uint64_t generation = state.generation, progress = 0, before = 0;
      for (Warp& warp : state.warps) before += warp.generation * 64 + warp.arrived;
      for (unsigned i : turn) {
        Fibre& fibre = state.fibres[i];
        if (fibre.finished) continue;
        state.current = &fibre;
        emulation_switch(&state.scheduler, fibre.stack_pointer);
      }
      for (Warp& warp : state.warps) progress += warp.generation * 64 + warp.arrived;
      if (live == state.live && arrived == state.arrived && generation == state.generation && before == progress) {
        std::fprintf(stderr, "emulation: %u threads wait where others never come\n", state.live);
        complete = false;
        break;
      }
    }
  }
  block = outer;
  return complete;
}

}  // namespace emulation

#define threadIdx (emulation::block->current->thread)
#define blockIdx (emulation::block->index)
#define blockDim (emulation::block->size)
#define gridDim (emulation::block->grid)

inline void __syncthreads() { emulation::barrier(); }
inline int __syncthreads_or(int predicate) {
  emulation::block->any_accumulator |= predicate != 0;
  emulation::barrier();
  return emulation::block->any_result;
}
inline void __syncwarp(unsigned = ~0u) { emulation::shuffle(0, 0); }
template <class T> inline T __shfl_xor_sync(unsigned, T value, int mask) {
  return emulation::shuffle(value, (threadIdx.x % 32) ^ mask);
}
template <class T> inline T __shfl_sync(unsigned, T value, int lane) { return emulation::shuffle(value, lane & 31); }
template <class T> inline T __shfl_up_sync(unsigned, T value, unsigned delta) {
  unsigned lane = threadIdx.x % 32;
  return emulation::shuffle(value, lane >= delta ? lane - delta : lane);
}
inline unsigned __ballot_sync(unsigned, int predicate) {
  emulation::Warp& warp = emulation::exchange(predicate != 0);
  uint64_t* slots = warp.slot[emulation::block->current->exchanges++ & 1];
  unsigned bits = 0;
  for (int lane = 0; lane < 32; lane++) bits |= static_cast<unsigned>(slots[lane] & 1) << lane;
  return bits;
}

// Fibres switch at barriers only, so that a plain addition is atomic.
template <class T> inline T atomicAdd(T* address, T value) { T old = *address; *address += value; return old; }
template <class T> inline T atomicMin(T* address, T value) { T old = *address; if (value < old) *address = value; return old; }
template <class T> inline T atomicMax(T* address, T value) { T old = *address; if (value > old) *address = value; return old; }

inline float __uint_as_float(unsigned bits) { float value; std::memcpy(&value, &bits, 4); return value; }
inline unsigned __float_as_uint(float value) { unsigned bits; std::memcpy(&bits, &value, 4); return bits; }
inline double __longlong_as_double(long long bits) { double value; std::memcpy(&value, &bits, 8); return value; }
inline long long __double_as_longlong(double value) { long long bits; std::memcpy(&bits, &value, 8); return bits; }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<uint64_t>(a) * b >> 32; }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz(bits); }
inline float __expf(float value) { return std::exp(value); }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float value) { return 1 / std::sqrt(value); }
template <class T> inline T __ldg(const T* address) { return *address; }
template <class T> inline T __ldcs(const T* address) { return *address; }
template <class T> inline void __stcs(T* address, T value) { *address = value; }
using std::isfinite;
using std::isnan;
template <class T> inline T min(T a, T b) { return b < a ? b : a; }
template <class T> inline T max(T a, T b) { return a < b ? b : a; }
