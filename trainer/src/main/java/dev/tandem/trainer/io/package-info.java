/** Files that are either whole or absent, and what the operating system says of this process. */
@NullMarked
package dev.tandem.trainer.io;

import org.jspecify.annotations.NullMarked;
