package dev.tandem.trainer.recipe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Conversations to learn from.
 *
 * @param file JSONL, a conversation a line as {@code {"messages": [{"role": "user", "content":
 *     ".."}, ..], "tools": [..]}}; none for an environment's expert
 * @param maxTokens of a conversation; 0 for as many as the model reads
 * @param tooLong what becomes of a longer one
 */
public record ChatSettings(@Nullable Path file, int maxTokens, TooLong tooLong) {
  public static final ChatSettings NONE = new ChatSettings(null, 0, TooLong.LEAVE_OUT);

  /** What becomes of a conversation with too many tokens. */
  public enum TooLong {
    LEAVE_OUT,
    /** Its beginning is kept. */
    CUT
  }

  public ChatSettings {
    Require.within("max_tokens", maxTokens, 0, Integer.MAX_VALUE);
    if (file == null && (maxTokens != 0 || tooLong != TooLong.LEAVE_OUT)) {
      throw new IllegalArgumentException(
          "max_tokens and too_long are for conversations: name their file, or leave both out");
    }
  }

  /** The same in a file of another name. */
  public ChatSettings in(Path other) {
    return new ChatSettings(other, maxTokens, tooLong);
  }
}
