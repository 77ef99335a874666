/** Changes of a harness as values, and their JSON. */
@NullMarked
package dev.tandem.harness.edit;

import org.jspecify.annotations.NullMarked;
