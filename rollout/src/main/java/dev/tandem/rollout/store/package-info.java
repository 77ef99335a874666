/**
 * Episodes on disk: compressed segments that hold everything once, and a SQLite index that can be
 * made again from them.
 */
@NullMarked
package dev.tandem.rollout.store;

import org.jspecify.annotations.NullMarked;
