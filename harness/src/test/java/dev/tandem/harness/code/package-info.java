/** Tests of code processors. */
@NullMarked
package dev.tandem.harness.code;

import org.jspecify.annotations.NullMarked;
