package dev.tandem.aegis.author;

import java.nio.charset.StandardCharsets;

/** What strangers write, made fit to be kept. */
final class Texts {
  private Texts() {}

  /** At most so many characters, and what is no Unicode replaced. */
  static String wellFormed(String text, int most) {
    String some = text.length() <= most ? text : text.substring(0, most);
    byte[] bytes = some.getBytes(StandardCharsets.UTF_8);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The same on one line. */
  static String line(String text, int most) {
    return wellFormed(text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip(), most);
  }

  /** Whether a text may become part of a harness: printable, lines and tabs allowed. */
  static boolean isPrintable(String text) {
    return wellFormed(text, text.length()).equals(text)
        && text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t');
  }
}
