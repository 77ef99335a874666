package dev.tandem.trainer.jinja;

import java.util.List;

/**
 * A rendered text.
 *
 * @param generated what the template marks as said by the assistant, in the text's order
 */
public record Rendering(String text, List<Span> generated) {
  public Rendering {
    generated = List.copyOf(generated);
  }

  /**
   * A part of the text.
   *
   * @param start its first char
   * @param end the char after its last
   */
  public record Span(int start, int end) {}
}
