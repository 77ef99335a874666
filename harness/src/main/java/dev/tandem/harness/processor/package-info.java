/**
 * The processors that come with Tandem. Their texts are lower-case words separated by single
 * spaces, sentences end with {@code " ."}, so that small vocabularies can hold them.
 */
@NullMarked
package dev.tandem.harness.processor;

import org.jspecify.annotations.NullMarked;
