/** Processors that read a house's facts. */
@NullMarked
package dev.tandem.rollout.house.processor;

import org.jspecify.annotations.NullMarked;
