/** Event files that TensorBoard reads. */
@NullMarked
package dev.tandem.trainer.tensorboard;

import org.jspecify.annotations.NullMarked;
