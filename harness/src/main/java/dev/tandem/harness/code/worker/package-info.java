/**
 * What runs in a code worker's own process: GraalJS behind a pipe. Nothing outside this package
 * touches GraalJS, and nothing in it is loaded by the process that starts workers but {@link
 * dev.tandem.harness.code.worker.Wire}.
 */
@NullMarked
package dev.tandem.harness.code.worker;

import org.jspecify.annotations.NullMarked;
