/** Changes to the disk that survive a kill and a power cut, each made in one step. */
@NullMarked
package dev.tandem.harness.durable;

import org.jspecify.annotations.NullMarked;
