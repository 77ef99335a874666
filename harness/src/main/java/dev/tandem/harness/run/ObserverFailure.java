package dev.tandem.harness.run;

/**
 * A processor that only looks on failed, which changed nothing of the episode.
 *
 * @param processor its type
 * @param where at which hook it failed first, or {@code begin} or {@code close}
 * @param reason what it threw then, or what it wanted beside looking on
 * @param times how often it failed in all
 */
public record ObserverFailure(String processor, String where, String reason, int times) {}
