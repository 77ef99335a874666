/**
 * The part of Jinja2 that chat templates of published checkpoints use, rendered as transformers
 * renders it: Python's truth, text and JSON of a value, {@code trim_blocks} and {@code
 * lstrip_blocks} on. Whatever is outside that part is refused with the template's line, never
 * rendered differently.
 */
@NullMarked
package dev.tandem.trainer.jinja;

import org.jspecify.annotations.NullMarked;
