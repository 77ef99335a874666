/**
 * libtorch behind a few calls: TorchScript modules, native tensors and who owns them, copies in and
 * out, and how a machine is used.
 */
@NullMarked
package dev.tandem.trainer.model.torch;

import org.jspecify.annotations.NullMarked;
