/** The archive that takes the kernels to a GPU machine without a JDK. */
@NullMarked
package dev.tandem.trainer.bundle;

import org.jspecify.annotations.NullMarked;
