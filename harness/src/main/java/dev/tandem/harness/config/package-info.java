/**
 * The harness as a value: configuration, registry of processor types, algebra, content hash, files.
 */
@NullMarked
package dev.tandem.harness.config;

import org.jspecify.annotations.NullMarked;
