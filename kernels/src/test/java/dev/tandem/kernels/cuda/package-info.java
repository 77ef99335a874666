/** CUDA without a GPU: detection, PTX, and the kernels under an emulated driver. */
@NullMarked
package dev.tandem.kernels.cuda;

import org.jspecify.annotations.NullMarked;
