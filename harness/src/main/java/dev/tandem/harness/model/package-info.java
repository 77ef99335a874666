/**
 * Which models an agent works with: a value of its own beside the harness, so that either can be
 * changed without the other.
 */
@NullMarked
package dev.tandem.harness.model;

import org.jspecify.annotations.NullMarked;
