package dev.tandem.harness.code;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A processor's source.
 *
 * @param text body of a JavaScript function of {@code event} and {@code state}
 * @param statements most statements of one call: reached at the same place on every machine
 * @param hash SHA-256 of the text, lower-case hexadecimal
 */
public record CodeSource(String text, int statements, String hash) {
  public CodeSource(String text, int statements) {
    this(text, statements, sha256(text));
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
