@NullMarked
package dev.tandem.trainer.doctor;

import org.jspecify.annotations.NullMarked;
