/**
 * CUDA through the driver API: bindings, handles with one owner each, and the provider that runs
 * the kernels of {@code src/main/cuda}, whose PTX lies beside these classes.
 *
 * <p>Nothing here is touched before {@link dev.tandem.kernels.cuda.CudaProbe} has found a driver; a
 * machine without one gets a sentence, never an exception.
 */
@NullMarked
package dev.tandem.kernels.cuda;

import org.jspecify.annotations.NullMarked;
