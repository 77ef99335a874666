package dev.tandem.harness.run;

/**
 * A change of the harness version in the middle of an episode, or a refused wish for one.
 *
 * <p>What carries over: the budget and what was spent of it (both are the episode's, not the
 * harness's); the history as it stands; the state of every processor that is made alike, of equal
 * parameters, slots and services, in both versions. What begins anew: all other processors; the
 * ones left behind are closed. The new version's task_start chain runs again, on the present
 * observation, when it differs from the old one, so that the system prompt is the new version's.
 *
 * @param step the step after which it was due, -1 for before the first
 * @param processor who asked
 * @param target the version asked for: its name, or the edit as JSON
 * @param reason why
 * @param from hash of the version before
 * @param to hash of the version after; {@code from} when it was refused
 * @param refusal why it was refused; empty when it happened
 */
public record Swap(
    int step,
    String processor,
    String target,
    String reason,
    String from,
    String to,
    String refusal) {
  /** Whether it happened. */
  public boolean happened() {
    return refusal.isEmpty();
  }
}
