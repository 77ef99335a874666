@NullMarked
package dev.tandem.trainer.recipe;

import org.jspecify.annotations.NullMarked;
