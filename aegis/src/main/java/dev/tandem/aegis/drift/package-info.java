/** Slow regressions of a shipped harness, and the alarm that reverts them. */
@NullMarked
package dev.tandem.aegis.drift;

import org.jspecify.annotations.NullMarked;
