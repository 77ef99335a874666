/** The append-only, hash-chained record of every decision. */
@NullMarked
package dev.tandem.aegis.ledger;

import org.jspecify.annotations.NullMarked;
