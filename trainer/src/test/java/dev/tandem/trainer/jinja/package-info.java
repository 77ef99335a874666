@NullMarked
package dev.tandem.trainer.jinja;

import org.jspecify.annotations.NullMarked;
