package dev.tandem.aegis.plan;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.FailureCategory;
import java.util.List;

/**
 * An edit that was rolled out, or refused before that, and what became of it.
 *
 * @param round when that was decided
 * @param targets failure categories it was meant to cure
 * @param addressed failing tasks it addressed when it was proposed, by blame
 * @param hits predictions of its manifest that came true
 * @param predictions predictions that could be checked
 */
public record TriedEdit(
    @JsonSerialize(using = EditJson.Writer.class) @JsonDeserialize(using = EditJson.Reader.class)
        HarnessEdit edit,
    int round,
    Fate fate,
    List<FailureCategory> targets,
    double addressed,
    int hits,
    int predictions) {
  /** What became of an edit. */
  public enum Fate {
    SHIPPED,
    /** The critic did not send it to the gate. */
    NOT_ENDORSED,
    /** The gate refused it, or it could not be played. */
    REJECTED,
    /** It crossed a red line and is never proposed again. */
    QUARANTINED,
    /** A person refused it, and it is never proposed again. */
    DECLINED,
    /** It shipped, and drift took it back. */
    REVERTED
  }

  public TriedEdit {
    targets = List.copyOf(targets);
  }

  public EditFamily family() {
    return EditFamily.of(edit);
  }

  public TriedEdit withFate(int newRound, Fate newFate) {
    return new TriedEdit(edit, newRound, newFate, targets, addressed, hits, predictions);
  }
}
