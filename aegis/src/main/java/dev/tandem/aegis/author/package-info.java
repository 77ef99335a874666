/** Levers that a language model writes, checked before anybody else sees them. */
@NullMarked
package dev.tandem.aegis.author;

import org.jspecify.annotations.NullMarked;
