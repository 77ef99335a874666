@NullMarked
package dev.tandem.trainer.compare;

import org.jspecify.annotations.NullMarked;
