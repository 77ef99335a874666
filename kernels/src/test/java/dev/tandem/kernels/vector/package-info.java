@NullMarked
package dev.tandem.kernels.vector;

import org.jspecify.annotations.NullMarked;
