/** The Critic: what a trial showed, and whether to go on with it. */
@NullMarked
package dev.tandem.aegis.critique;

import org.jspecify.annotations.NullMarked;
