/**
 * Servers of the Model Context Protocol as a source of tools. The protocol's SDK is an optional
 * dependency: only who uses this package declares it.
 */
@NullMarked
package dev.tandem.rollout.mcp;

import org.jspecify.annotations.NullMarked;
