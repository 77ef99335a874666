package dev.tandem.rollout.spi;

/**
 * A text that a family's harnesses may use in the place of another.
 *
 * @param processor type of the processor that has it
 * @param parameter of text
 * @param text of the family's vocabulary, where that has a bound; what stands in braces is filled
 *     in
 */
public record Wording(String processor, String parameter, String text) {}
