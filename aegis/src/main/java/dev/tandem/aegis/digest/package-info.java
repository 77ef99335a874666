/**
 * What went wrong in a round's episodes, where, and how often before: read from traces by rules.
 */
@NullMarked
package dev.tandem.aegis.digest;

import org.jspecify.annotations.NullMarked;
