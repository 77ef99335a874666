// A CUDA driver without a GPU: the driver functions that we call, over host memory and emulated kernels. It exists so
// that the kernels, the bindings, the launches and the verification program run end to end on a plain CPU. Device
// memory is host memory between two guard zones that are looked at when it is freed, and starts out as NaN.
#include "emulated_cuda.h"

#include <chrono>
#include <map>
#include <string>
#include <tuple>

#include "../../main/cuda/kernels.cu"

namespace {

constexpr int SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_IMAGE = 200, NOT_FOUND = 500,
              ILLEGAL_ADDRESS = 700, LAUNCH_FAILED = 719;
constexpr size_t GUARD = 256;
constexpr unsigned char GUARD_BYTE = 0xC5, POISON = 0xFF;

struct Kernel {
  const char* name;
  bool (*launch)(dim3 grid, dim3 block, emulation::Order order, void** parameters);
};

template <auto Function>
struct Launcher;

template <class... A, void (*Function)(A...)>
struct Launcher<Function> {
  static void body(void* argument) { body(static_cast<void**>(argument), std::index_sequence_for<A...>{}); }
  template <size_t... I>
  static void body(void** parameters, std::index_sequence<I...>) {
    Function(*static_cast<std::remove_reference_t<A>*>(parameters[I])...);
  }
  static bool launch(dim3 grid, dim3 block, emulation::Order order, void** parameters) {
    return emulation::run(grid, block, order, &body, parameters);
  }
};

const Kernel KERNELS[] = {
#define KERNEL(name) {#name, &Launcher<name>::launch},
#include "kernels.inc"
#undef KERNEL
};

std::map<uintptr_t, size_t> allocations;  // by the address that the program sees
size_t used = 0;
constexpr size_t TOTAL = size_t{4} << 30;

emulation::Order order() {
  const char* name = std::getenv("TANDEM_EMULATED_ORDER");
  if (name == nullptr || std::string(name) == "ascending") return emulation::Order::ascending;
  return std::string(name) == "descending" ? emulation::Order::descending : emulation::Order::shuffled;
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Event { double recorded = 0; };

bool is_device_range(uintptr_t address, size_t bytes) {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return false;
  auto [start, size] = *std::prev(after);
  return address + bytes <= start + size;
}

int copy(void* to, const void* from, size_t bytes) {
  std::memcpy(to, from, bytes);
  return SUCCESS;
}

}  // namespace

extern "C" {
int cuInit(unsigned) { return SUCCESS; }
int cuDriverGetVersion(int* version) { *version = 13000; return SUCCESS; }
int cuDeviceGetCount(int* count) { *count = 1; return SUCCESS; }
int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return ordinal == 0 ? SUCCESS : INVALID_VALUE; }
int cuDeviceGetName(char* name, int length, int) { std::snprintf(name, length, "emulated device (CPU)"); return SUCCESS; }
int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = TOTAL; return SUCCESS; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 2 : 0;
  return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int) { *context = &allocations; return SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxSetCurrent(void*) { return SUCCESS; }
int cuCtxSynchronize() { return SUCCESS; }
int cuStreamCreate(void** stream, unsigned) { *stream = new char; return SUCCESS; }
int cuStreamDestroy_v2(void* stream) { delete static_cast<char*>(stream); return SUCCESS; }
int cuStreamSynchronize(void*) { return SUCCESS; }
int cuEventCreate(Event** event, unsigned) { *event = new Event; return SUCCESS; }
int cuEventDestroy_v2(Event* event) { delete event; return SUCCESS; }
int cuEventRecord(Event* event, void*) { event->recorded = now_ms(); return SUCCESS; }
int cuEventSynchronize(Event*) { return SUCCESS; }
int cuEventElapsedTime(float* ms, Event* start, Event* end) {
  *ms = static_cast<float>(end->recorded - start->recorded);
  return SUCCESS;
}
int cuModuleLoadDataEx(void** module, const char* image, unsigned count, int* options, void** values) {
  if (std::strstr(image, ".version") == nullptr) {
    for (unsigned i = 0; i < count; i++) {
      if (options[i] == 5) std::snprintf(static_cast<char*>(values[i]), 64, "emulated: no .version directive");
    }
    return INVALID_IMAGE;
  }
  // What the program asks for must be in the PTX that a real driver would load.
  *module = new std::string(image);
  return SUCCESS;
}
int cuModuleUnload(std::string* module) { delete module; return SUCCESS; }
int cuModuleGetFunction(const Kernel** function, std::string* module, const char* name) {
  if (module->find(std::string(".entry ") + name + "(") == std::string::npos) return NOT_FOUND;
  for (const Kernel& kernel : KERNELS) {
    if (std::strcmp(kernel.name, name) == 0) { *function = &kernel; return SUCCESS; }
  }
  return NOT_FOUND;
}
int cuFuncGetAttribute(int* value, int, const Kernel*) { *value = 0; return SUCCESS; }
int cuMemAlloc_v2(uintptr_t* address, size_t bytes) {
  if (bytes == 0) return INVALID_VALUE;
  if (used + bytes > TOTAL) return OUT_OF_MEMORY;
  char* raw = static_cast<char*>(std::aligned_alloc(256, (bytes + 2 * GUARD + 255) / 256 * 256));
  if (raw == nullptr) return OUT_OF_MEMORY;
  std::memset(raw, GUARD_BYTE, bytes + 2 * GUARD);
  std::memset(raw + GUARD, POISON, bytes);
  *address = reinterpret_cast<uintptr_t>(raw + GUARD);
  allocations[*address] = bytes;
  used += bytes;
  return SUCCESS;
}
int cuMemFree_v2(uintptr_t address) {
  auto found = allocations.find(address);
  if (found == allocations.end()) return INVALID_VALUE;
  auto* raw = reinterpret_cast<unsigned char*>(address) - GUARD;
  size_t bytes = found->second;
  bool intact = true;
  for (size_t i = 0; i < GUARD; i++) intact &= raw[i] == GUARD_BYTE && raw[GUARD + bytes + i] == GUARD_BYTE;
  allocations.erase(found);
  used -= bytes;
  std::free(raw);
  return intact ? SUCCESS : ILLEGAL_ADDRESS;
}
int cuMemGetInfo_v2(size_t* available, size_t* total) { *available = TOTAL - used; *total = TOTAL; return SUCCESS; }
int cuMemcpyHtoD_v2(uintptr_t to, const void* from, size_t bytes) {
  return is_device_range(to, bytes) ? copy(reinterpret_cast<void*>(to), from, bytes) : INVALID_VALUE;
}
int cuMemcpyDtoH_v2(void* to, uintptr_t from, size_t bytes) {
  return is_device_range(from, bytes) ? copy(to, reinterpret_cast<void*>(from), bytes) : INVALID_VALUE;
}
int cuMemcpyHtoDAsync_v2(uintptr_t to, const void* from, size_t bytes, void*) { return cuMemcpyHtoD_v2(to, from, bytes); }
int cuMemcpyDtoHAsync_v2(void* to, uintptr_t from, size_t bytes, void*) { return cuMemcpyDtoH_v2(to, from, bytes); }
int cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t bytes, void*) {
  if (!is_device_range(to, bytes) || !is_device_range(from, bytes)) return INVALID_VALUE;
  return copy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
}
int cuMemsetD8Async(uintptr_t to, unsigned char value, size_t count, void*) {
  if (!is_device_range(to, count)) return INVALID_VALUE;
  std::memset(reinterpret_cast<void*>(to), value, count);
  return SUCCESS;
}
int cuLaunchKernel(const Kernel* kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned, void*, void** parameters, void**) {
  if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || gx > 0x7FFFFFFFu) return INVALID_VALUE;
  if (bx * by * bz == 0 || bx * by * bz > 1024) return INVALID_VALUE;
  return kernel->launch({gx, gy, gz}, {bx, by, bz}, order(), parameters) ? SUCCESS : LAUNCH_FAILED;
}
int cuGetErrorName(int code, const char** text) {
  switch (code) {
    case INVALID_VALUE: *text = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case OUT_OF_MEMORY: *text = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case INVALID_IMAGE: *text = "CUDA_ERROR_INVALID_IMAGE"; return SUCCESS;
    case NOT_FOUND: *text = "CUDA_ERROR_NOT_FOUND"; return SUCCESS;
    case ILLEGAL_ADDRESS: *text = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
    case LAUNCH_FAILED: *text = "CUDA_ERROR_LAUNCH_FAILED"; return SUCCESS;
    default: *text = nullptr; return INVALID_VALUE;
  }
}
int cuGetErrorString(int code, const char** text) {
  *text = code == INVALID_VALUE     ? "invalid argument"
          : code == OUT_OF_MEMORY   ? "out of memory"
          : code == INVALID_IMAGE   ? "device kernel image is invalid"
          : code == NOT_FOUND       ? "named symbol not found"
          : code == ILLEGAL_ADDRESS ? "a guard zone around device memory was written to"
                                    : "unspecified launch failure";
  return SUCCESS;
}
}
