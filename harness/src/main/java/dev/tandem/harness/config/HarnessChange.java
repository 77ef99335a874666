package dev.tandem.harness.config;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Arrays;
import java.util.List;

/** One difference in behaviour between two harnesses. */
public sealed interface HarnessChange {
  /** The change for people: one line, or a unified diff below one where longer text changed. */
  String describe();

  /**
   * A processor is new.
   *
   * @param position in the list, from 0
   */
  record Added(ProcessorSpec processor, int position) implements HarnessChange {
    @Override
    public String describe() {
      return "added %s at position %d".formatted(HarnessEdits.describe(processor), position + 1);
    }
  }

  /** A processor is gone. */
  record Removed(ProcessorSpec processor) implements HarnessChange {
    @Override
    public String describe() {
      return "removed " + HarnessEdits.describe(processor);
    }
  }

  /** A processor stands elsewhere among those that are in both, counted from 0. */
  record Moved(String processor, int before, int after) implements HarnessChange {
    @Override
    public String describe() {
      return "moved %s from position %d to %d".formatted(processor, before + 1, after + 1);
    }
  }

  /** A processor's parameter has another value. */
  record Reparametrised(String processor, String parameter, Object before, Object after)
      implements HarnessChange {
    @Override
    public String describe() {
      return difference(processor + ": " + parameter, before, after);
    }
  }

  /** A slot has another value. */
  record Equipped(String slot, Object before, Object after) implements HarnessChange {
    @Override
    public String describe() {
      return difference("slot " + slot, before, after);
    }
  }

  private static String difference(String what, Object before, Object after) {
    if (before instanceof String was
        && after instanceof String now
        && (was.contains("\n") || now.contains("\n"))) {
      List<String> lines = Arrays.asList(was.split("\n", -1));
      return what
          + ":\n"
          + String.join(
              "\n",
              UnifiedDiffUtils.generateUnifiedDiff(
                  "before",
                  "after",
                  lines,
                  DiffUtils.diff(lines, Arrays.asList(now.split("\n", -1))),
                  3));
    }
    return "%s from %s to %s"
        .formatted(what, HarnessEdits.shown(before), HarnessEdits.shown(after));
  }
}
