/** The Planner: from digests to the landscape of what to change. */
@NullMarked
package dev.tandem.aegis.plan;

import org.jspecify.annotations.NullMarked;
