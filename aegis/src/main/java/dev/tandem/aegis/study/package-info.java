/**
 * Evolution simulated in worlds whose truth is known: what each scheme finds, and what it costs.
 */
@NullMarked
package dev.tandem.aegis.study;

import org.jspecify.annotations.NullMarked;
