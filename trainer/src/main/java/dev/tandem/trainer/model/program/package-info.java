/**
 * The decoder's TorchScript text, emitted for one shape.
 *
 * <p>Read {@link dev.tandem.trainer.model.program.DecoderProgram} first; the other classes write
 * parts of it.
 */
@NullMarked
package dev.tandem.trainer.model.program;

import org.jspecify.annotations.NullMarked;
