/** What a recipe says: one record for each part of it, with vetted defaults. */
@NullMarked
package dev.tandem.trainer.recipe;

import org.jspecify.annotations.NullMarked;
