package dev.tandem.harness;

/**
 * A processor changed something.
 *
 * @param step step of the episode, -1 at task start
 * @param processor its type
 * @param field what it changed, or {@code intercept} or {@code interrupt}
 */
public record Trigger(int step, Hook hook, String processor, String field) {}
