@NullMarked
package dev.tandem.trainer.tensorboard;

import org.jspecify.annotations.NullMarked;
