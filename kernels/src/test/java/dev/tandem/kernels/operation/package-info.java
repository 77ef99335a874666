@NullMarked
package dev.tandem.kernels.operation;

import org.jspecify.annotations.NullMarked;
