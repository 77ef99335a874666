/** What this machine has of what training needs, and what to do about the rest. */
@NullMarked
package dev.tandem.trainer.doctor;

import org.jspecify.annotations.NullMarked;
