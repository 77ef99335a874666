/** The three doors: what recipes can name, whether it comes with Tandem or from a jar. */
@NullMarked
package dev.tandem.trainer.plugin;

import org.jspecify.annotations.NullMarked;
