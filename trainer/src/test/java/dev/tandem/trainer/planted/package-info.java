/** Part of a cycle that the check for cycles has to find. */
@NullMarked
package dev.tandem.trainer.planted;

import org.jspecify.annotations.NullMarked;
