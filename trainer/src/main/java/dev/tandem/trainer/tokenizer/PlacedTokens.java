package dev.tandem.trainer.tokenizer;

import java.util.OptionalInt;

/**
 * A text's tokens and where in it they stand.
 *
 * @param ids [tokens]
 * @param starts [tokens] the first character of each, counted in Java's chars
 * @param ends [tokens] the character after its last; equal to its start where the tokenizer gives a
 *     token no place, as Llama 3's does with white space
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record PlacedTokens(int[] ids, int[] starts, int[] ends) {

  /**
   * The first token that a character belongs to; empty when it belongs to none. Of a character that
   * takes several tokens the first is told, as {@code char_to_token} of the tokenizers library
   * does.
   */
  public OptionalInt tokenAt(int character) {
    for (int i = 0; i < ids.length; i++) {
      if (starts[i] <= character && character < ends[i]) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
