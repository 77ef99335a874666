@NullMarked
package dev.tandem.trainer.run;

import org.jspecify.annotations.NullMarked;
