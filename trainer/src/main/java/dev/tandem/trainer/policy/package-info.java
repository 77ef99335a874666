/** The decoder as an agent's model: chat format, token-in token-out, batched answers. */
@NullMarked
package dev.tandem.trainer.policy;

import org.jspecify.annotations.NullMarked;
