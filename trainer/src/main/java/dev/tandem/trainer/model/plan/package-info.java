/** What a decoder takes of a device's memory, by arithmetic over its shape. */
@NullMarked
package dev.tandem.trainer.model.plan;

import org.jspecify.annotations.NullMarked;
