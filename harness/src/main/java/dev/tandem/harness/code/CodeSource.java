package dev.tandem.harness.code;

import dev.tandem.harness.value.ContentHash;

/**
 * A processor's source.
 *
 * @param text body of a JavaScript function of {@code event} and {@code state}
 * @param statements most statements of one call: reached at the same place on every machine
 * @param hash SHA-256 of the text, lower-case hexadecimal
 */
public record CodeSource(String text, int statements, String hash) {
  public CodeSource(String text, int statements) {
    this(text, statements, ContentHash.sha256(text));
  }
}
