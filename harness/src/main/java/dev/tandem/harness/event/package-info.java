/**
 * What flows through the hooks: events, what a processor may decide about them, what is left of the
 * budget, and why an episode ends.
 */
@NullMarked
package dev.tandem.harness.event;

import org.jspecify.annotations.NullMarked;
