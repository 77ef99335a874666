package dev.tandem.harness.value;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of values, lower-case hexadecimal. */
public final class ContentHash {
  private ContentHash() {}

  /** The hash of a text in UTF-8. */
  public static String ofText(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash of a value's canonical JSON, see {@link CanonicalJson#write}. */
  public static String of(Object value) {
    return ofText(CanonicalJson.write(value));
  }
}
