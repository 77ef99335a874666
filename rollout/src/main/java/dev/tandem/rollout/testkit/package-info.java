/**
 * What a world must keep to, as checks that its author runs: {@link
 * dev.tandem.rollout.testkit.EnvironmentContract}.
 */
@NullMarked
package dev.tandem.rollout.testkit;

import org.jspecify.annotations.NullMarked;
