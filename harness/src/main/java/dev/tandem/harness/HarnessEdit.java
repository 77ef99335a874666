package dev.tandem.harness;

/**
 * A change of a harness as a value; {@link HarnessConfig#apply} applies it or says why it cannot
 * be.
 */
public sealed interface HarnessEdit {
  /** Adds a processor at the end of the list; its group must be free. */
  record Insert(ProcessorSpec processor) implements HarnessEdit {}

  /** Takes a processor out by its type. */
  record Remove(String type) implements HarnessEdit {}

  /** Puts a processor in the place of the one that holds its singleton group. */
  record Replace(ProcessorSpec processor) implements HarnessEdit {}

  /** Sets one parameter of a processor. */
  record Configure(String type, String parameter, Object value) implements HarnessEdit {}
}
