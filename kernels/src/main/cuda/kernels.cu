// All kernels, as one module: the driver compiles it once for the device at hand.
#include "adamw.cuh"
#include "elementwise.cuh"
#include "fused.cuh"
#include "normalise.cuh"
#include "policy.cuh"
#include "sampling.cuh"
#include "softmax.cuh"
#include "whitening.cuh"
