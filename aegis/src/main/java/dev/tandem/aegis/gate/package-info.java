/** The deterministic gate that every harness edit must pass; no model has a say. */
@NullMarked
package dev.tandem.aegis.gate;

import org.jspecify.annotations.NullMarked;
