@NullMarked
package dev.tandem.kernels;

import org.jspecify.annotations.NullMarked;
