package dev.tandem.trainer.warmstart;

import dev.tandem.trainer.policy.Transcript;
import java.util.List;

/** What a warm start learns from, and what it holds out to tell when to stop. */
public sealed interface Lessons permits ExpertLessons, ChatLessons {
  /** What one pass shows, in an order of its own. */
  List<Transcript> pass(int pass);

  /** What no pass shows. */
  List<Transcript> heldOut();

  /** What they are, for a person. */
  String title();

  /**
   * What they depend on besides the recipe, such as the hash of a file; a warm start goes on only
   * where that has not changed. Empty for nothing.
   */
  String source();
}
