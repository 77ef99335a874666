/** What a training run is told, keeps on disk and reports. */
@NullMarked
package dev.tandem.trainer.run;

import org.jspecify.annotations.NullMarked;
