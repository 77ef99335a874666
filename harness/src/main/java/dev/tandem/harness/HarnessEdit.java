package dev.tandem.harness;

/**
 * A change of a harness as a value; {@link HarnessConfig#apply} applies it or says why it cannot
 * be. {@link HarnessEdits} reads and writes edits as JSON.
 */
public sealed interface HarnessEdit {
  /** The edit in one readable line, such as {@code configure history_window: turns = 8}. */
  String describe();

  /** Adds a processor at the end of the list; its group must be free. */
  record Insert(ProcessorSpec processor) implements HarnessEdit {
    @Override
    public String describe() {
      return "insert " + HarnessEdits.describe(processor);
    }
  }

  /** Takes a processor out by its type. */
  record Remove(String type) implements HarnessEdit {
    @Override
    public String describe() {
      return "remove " + type;
    }
  }

  /** Puts a processor in the place of the one that holds its singleton group. */
  record Replace(ProcessorSpec processor) implements HarnessEdit {
    @Override
    public String describe() {
      return "replace with " + HarnessEdits.describe(processor);
    }
  }

  /** Sets one parameter of a processor. */
  record Configure(String type, String parameter, Object value) implements HarnessEdit {
    @Override
    public String describe() {
      return "configure %s: %s = %s".formatted(type, parameter, HarnessEdits.shown(value));
    }
  }
}
