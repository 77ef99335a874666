/** Behaviour cloning from an environment's expert: an honest, mediocre agent to begin with. */
@NullMarked
package dev.tandem.trainer.warmstart;

import org.jspecify.annotations.NullMarked;
