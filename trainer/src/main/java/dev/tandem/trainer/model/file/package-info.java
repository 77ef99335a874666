/**
 * The files of weights: safetensors with shards, config files as JSON, whole or absent. Knows no
 * model.
 */
@NullMarked
package dev.tandem.trainer.model.file;

import org.jspecify.annotations.NullMarked;
