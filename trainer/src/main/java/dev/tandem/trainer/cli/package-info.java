/** The command line: one small class for each verb, and what they share. */
@NullMarked
package dev.tandem.trainer.cli;

import org.jspecify.annotations.NullMarked;
