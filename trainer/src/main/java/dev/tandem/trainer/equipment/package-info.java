/** What a harness runs with: tools, services, other models, other versions of itself. */
@NullMarked
package dev.tandem.trainer.equipment;

import org.jspecify.annotations.NullMarked;
