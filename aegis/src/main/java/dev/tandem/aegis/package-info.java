/** Harness evolution between training epochs: digest, plan, evolve, critique, gate. */
@NullMarked
package dev.tandem.aegis;

import org.jspecify.annotations.NullMarked;
