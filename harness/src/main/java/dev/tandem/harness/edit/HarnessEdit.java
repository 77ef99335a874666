package dev.tandem.harness.edit;

import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A change of a harness as a value; {@code HarnessConfig.apply} applies it or says why it cannot
 * be. {@link HarnessEdits} reads and writes edits as JSON and finds inverses. A processor is named
 * by its type; one whose type is refined by its parameters by the name they give it.
 */
public sealed interface HarnessEdit {
  /** The position behind all processors. */
  int END = -1;

  /** The edit in one readable line, such as {@code configure history_window: turns = 8}. */
  String describe();

  /**
   * Adds a processor; its group must be free.
   *
   * @param position where in the list, from 0, or {@link #END}
   */
  record Insert(ProcessorSpec processor, int position) implements HarnessEdit {
    /** At the end. */
    public Insert(ProcessorSpec processor) {
      this(processor, END);
    }

    @Override
    public String describe() {
      return "insert "
          + HarnessEdits.describe(processor)
          + (position == END ? "" : " at position " + (position + 1));
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

  /**
   * Puts a processor elsewhere in the list, which settles what order and {@code after} leave open.
   *
   * @param position where it stands then, from 0
   */
  record Move(String type, int position) implements HarnessEdit {
    @Override
    public String describe() {
      return "move %s to position %d".formatted(type, position + 1);
    }
  }

  /** Sets all slots. */
  record Equip(Slots slots) implements HarnessEdit {
    @Override
    public String describe() {
      return slots.values().isEmpty()
          ? "equip with the default slots"
          : slots.values().entrySet().stream()
              .map(slot -> slot.getKey() + " = " + HarnessEdits.shown(slot.getValue()))
              .collect(Collectors.joining(", ", "equip with ", ""));
    }
  }

  /** Several edits, applied one after the other; only their result must be valid. */
  record Sequence(List<HarnessEdit> edits) implements HarnessEdit {
    public Sequence {
      edits = List.copyOf(edits);
    }

    @Override
    public String describe() {
      return edits.stream().map(HarnessEdit::describe).collect(Collectors.joining("; "));
    }
  }
}
