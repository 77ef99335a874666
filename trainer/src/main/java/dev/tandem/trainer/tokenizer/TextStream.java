package dev.tandem.trainer.tokenizer;

import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.Arrays;

/**
 * The text of tokens as they come. A character whose bytes are spread over several tokens is held
 * back until its last byte is there, so that the pieces together are the text of all tokens, and
 * each piece can be searched for stop strings. One stream is for one thread.
 */
public final class TextStream {
  /** What the tokenizer puts in place of bytes that are no character, or not yet one. */
  private static final char REPLACEMENT = '\uFFFD';

  private final TextTokenizer tokenizer;

  /** The tokens from the last one before which everything has been given out. */
  private int[] window = new int[16];

  private int size;

  /** How many chars of the window's text have been given out. */
  private int given;

  TextStream(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Takes a token and returns the text that is certain now, often empty.
   *
   * @throws DecoderInputException when the id is negative
   */
  public String add(int id) {
    if (size == window.length) {
      window = Arrays.copyOf(window, 2 * size);
    }
    window[size++] = id;
    String text = text();
    boolean open = text.endsWith(String.valueOf(REPLACEMENT));
    String piece = piece(text, open ? text.length() - 1 : text.length());
    if (!open) {
      forget(text);
    }
    return piece;
  }

  /** Returns what was held back; the stream is then empty. */
  public String finish() {
    String text = text();
    String piece = piece(text, text.length());
    size = 0;
    given = 0;
    return piece;
  }

  private String text() {
    return tokenizer.text(Arrays.copyOf(window, size));
  }

  private String piece(String text, int end) {
    String piece = text.substring(Math.min(given, end), end);
    given = Math.max(given, end);
    return piece;
  }

  /** Keeps the last token only, whose text the next one's may depend on, such as by a blank. */
  private void forget(String text) {
    int last = window[size - 1];
    String kept = tokenizer.text(new int[] {last});
    if (!kept.isEmpty() && text.endsWith(kept) && kept.indexOf(REPLACEMENT) < 0) {
      window[0] = last;
      size = 1;
      given = kept.length();
    }
  }
}
