/**
 * Every round as a factorial experiment: which harness versions play which task, and what the
 * outcomes say of each lever.
 */
@NullMarked
package dev.tandem.aegis.screen;

import org.jspecify.annotations.NullMarked;
