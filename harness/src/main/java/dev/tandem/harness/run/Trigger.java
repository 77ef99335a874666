package dev.tandem.harness.run;

import dev.tandem.harness.event.Hook;

/**
 * A processor changed something, or failed and was passed over.
 *
 * @param step step of the episode, -1 at task start
 * @param processor its type
 * @param field what it changed, or {@code split}, {@code intercept} or {@code interrupt}, or {@code
 *     failure: } and the reason
 */
public record Trigger(int step, Hook hook, String processor, String field) {
  /** What the field of a failure begins with. */
  static final String FAILURE = "failure: ";

  /** Whether it failed and changed nothing. */
  public boolean failed() {
    return field.startsWith(FAILURE);
  }
}
