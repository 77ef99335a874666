/**
 * What harness values are made of: processor specs, parameters and slots, canonical text, content
 * hashes, names, and the exception that reports what is wrong with them.
 */
@NullMarked
package dev.tandem.harness.value;

import org.jspecify.annotations.NullMarked;
