/** Which harness serves which tasks: the pool of variants, and the file that deploys it. */
@NullMarked
package dev.tandem.aegis.route;

import org.jspecify.annotations.NullMarked;
