/** What people reserve for themselves: red lines that no edit may cross. */
@NullMarked
package dev.tandem.aegis.oversight;

import org.jspecify.annotations.NullMarked;
