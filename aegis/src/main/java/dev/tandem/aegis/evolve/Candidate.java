package dev.tandem.aegis.evolve;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tandem.aegis.plan.EditFamily;
import dev.tandem.aegis.plan.EditJson;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.FailureCategory;
import java.util.List;

/**
 * An edit of the incumbent that asks to be tried.
 *
 * @param config the edited harness
 * @param targets failure categories it may cure
 * @param addressed how many tasks' failures it addresses, by blame
 * @param exploratory whether it was drawn to learn about a structure, not for its promise
 */
public record Candidate(
    @JsonSerialize(using = EditJson.Writer.class) @JsonDeserialize(using = EditJson.Reader.class)
        HarnessEdit edit,
    HarnessConfig config,
    Manifest manifest,
    List<FailureCategory> targets,
    double addressed,
    boolean exploratory) {
  public Candidate {
    targets = List.copyOf(targets);
  }

  /** The same edit of another harness. */
  public Candidate with(HarnessConfig edited) {
    return new Candidate(edit, edited, manifest, targets, addressed, exploratory);
  }

  public EditFamily family() {
    return EditFamily.of(edit);
  }

  public String id() {
    return manifest.id();
  }
}
