/** The doors: environment families and model providers, as others implement them. */
@NullMarked
package dev.tandem.rollout.spi;

import org.jspecify.annotations.NullMarked;
