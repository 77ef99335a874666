/** Landscape of failures, candidate edits with their manifests, and the critic that ranks them. */
@NullMarked
package dev.tandem.aegis.evolve;

import org.jspecify.annotations.NullMarked;
