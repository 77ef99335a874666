/**
 * What others implement: processors and the libraries that bring them, worlds, and the services
 * that processors share.
 */
@NullMarked
package dev.tandem.harness.spi;

import org.jspecify.annotations.NullMarked;
