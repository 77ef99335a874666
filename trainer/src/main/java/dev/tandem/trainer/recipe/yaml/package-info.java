/**
 * From YAML that states only what differs to strictly bound records; knows no recipe in particular.
 */
@NullMarked
package dev.tandem.trainer.recipe.yaml;

import org.jspecify.annotations.NullMarked;
