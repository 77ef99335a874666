package dev.tandem.harness.event;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;

/**
 * A processor's wish that the episode go on under another harness version from the next step
 * boundary on.
 *
 * @param reason what made the processor ask, in a sentence
 */
public record SwapRequest(Target target, String reason) {
  /** Where to go. */
  public sealed interface Target {
    /** The target in one line, for the record. */
    String describe();

    /** A version that {@code HarnessVersions} knows by name or hash. */
    record Version(String name) implements Target {
      @Override
      public String describe() {
        return name;
      }
    }

    /** The present version with an edit applied. */
    record Edited(HarnessEdit edit) implements Target {
      @Override
      public String describe() {
        return HarnessEdits.toJson(edit);
      }
    }
  }
}
