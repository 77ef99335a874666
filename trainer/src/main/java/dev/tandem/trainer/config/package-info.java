/** Recipes: YAML that states only what differs from the defaults, bound strictly to records. */
@NullMarked
package dev.tandem.trainer.config;

import org.jspecify.annotations.NullMarked;
