package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What ends a response before its most tokens.
 *
 * @param ids tokens that end the response; they are part of it
 * @param strings texts that end the response: its last token is the one that completes the first of
 *     them, even when that token's own text goes on behind it
 * @param text the text of tokens; asked only when there are strings
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record StopRule(int[] ids, List<String> strings, Function<int[], String> text) {

  /** Nothing but the most tokens. */
  public static final StopRule NONE = at();

  /** Checks the strings. */
  public StopRule {
    strings = List.copyOf(strings);
    if (strings.contains("")) {
      throw new DecoderInputException("a stop string is empty; leave it out");
    }
  }

  /** Ends at tokens only. */
  public static StopRule at(int... ids) {
    return new StopRule(ids, List.of(), Arrays::toString);
  }

  /** Ends at any of these texts too. */
  public StopRule orAt(List<String> texts, Function<int[], String> textOfTokens) {
    return new StopRule(ids, texts, textOfTokens);
  }

  /**
   * Returns how many of the first {@code count} tokens belong to the response: up to the one that
   * completes a stop string, or -1 if none does.
   *
   * @param from how many were seen before, without a stop string
   */
  int cut(int[] tokens, int from, int count) {
    if (strings.isEmpty() || !completes(tokens, count)) {
      return -1;
    }
    int length = from + 1;
    while (length < count && !completes(tokens, length)) {
      length++;
    }
    return length;
  }

  private boolean completes(int[] tokens, int count) {
    String response = text.apply(Arrays.copyOf(tokens, count));
    return strings.stream().anyMatch(response::contains);
  }
}
