package dev.tandem.aegis.author;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a language model said, kept before it is acted upon: a round that is played again after a
 * kill hears the same and costs nothing. A failure is kept, too, since the round went on from it.
 */
public interface Replies {
  /**
   * What was said to a letter, if anything was.
   *
   * @param letter its key: letters, digits and hyphens
   */
  Optional<Reply> find(String letter);

  /** Keeps what was said to a letter. */
  void keep(String letter, Reply reply);

  /**
   * What came back.
   *
   * @param text what the model said, cut where it is longer than anybody would read; it is well
   *     formed Unicode, so that it is the same once written and read
   * @param cut whether it ended before its end
   * @param tokens of the letter and the text
   * @param money what they cost
   * @param failure why there is no answer; empty when there is one
   */
  record Reply(String text, boolean cut, long tokens, double money, String failure) {}

  /** Kept as long as the process lives. */
  static Replies inMemory() {
    Map<String, Reply> kept = new HashMap<>();
    return new Replies() {
      @Override
      public Optional<Reply> find(String letter) {
        return Optional.ofNullable(kept.get(letter));
      }

      @Override
      public void keep(String letter, Reply reply) {
        kept.put(letter, reply);
      }
    };
  }
}
