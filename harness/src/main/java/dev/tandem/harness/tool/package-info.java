/** Tools: what a model may call by name, with JSON input checked against a schema. */
@NullMarked
package dev.tandem.harness.tool;

import org.jspecify.annotations.NullMarked;
