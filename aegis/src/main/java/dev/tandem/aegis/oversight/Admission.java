package dev.tandem.aegis.oversight;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.HarnessException;
import java.util.List;
import java.util.Optional;

/**
 * What an edit must be before an episode is spent on it: an edit of this harness, of another
 * behaviour, writable, within the red lines, and compilable. It is a function of the two harnesses;
 * whoever proposes edits is not asked.
 */
public final class Admission {
  private final ProcessorRegistry registry;
  private final RedLines redLines;

  public Admission(ProcessorRegistry registry, RedLines redLines) {
    this.registry = registry;
    this.redLines = redLines;
  }

  /** What keeps an edit out. */
  public enum Ground {
    /** The harness is not the incumbent with the edit applied. */
    ANOTHER_EDIT,
    /** It behaves as the incumbent does, or is not the same once written and read. */
    CANONICAL_FORM,
    /** It crosses a red line. */
    RED_LINES,
    /** It cannot be compiled. */
    COMPILATION
  }

  /** Why an edit may not play, in one sentence. */
  public record Refusal(Ground ground, String reason) {
    /** Whether it is never to be proposed again. */
    public boolean quarantines() {
      return ground == Ground.RED_LINES;
    }
  }

  /**
   * The first thing that keeps an edit from being played; empty when nothing does.
   *
   * @param result what the edit is said to make of the incumbent
   */
  public Optional<Refusal> refusal(
      HarnessConfig incumbent, HarnessEdit edit, HarnessConfig result) {
    try {
      if (!result.equals(incumbent.apply(edit, registry))) {
        return refused(
            Ground.ANOTHER_EDIT, "the harness is not the incumbent with the edit applied");
      }
    } catch (HarnessException e) {
      return refused(
          Ground.ANOTHER_EDIT, "the edit does not apply to the incumbent: " + e.getMessage());
    }
    return canonicalForm(incumbent, result)
        .or(() -> redLines(incumbent, result))
        .or(() -> compilation(result));
  }

  /** Whether the harness is another one, and survives being written and read. */
  public Optional<Refusal> canonicalForm(HarnessConfig incumbent, HarnessConfig result) {
    String hash = result.hash(registry);
    if (hash.equals(incumbent.hash(registry))) {
      return refused(Ground.CANONICAL_FORM, "the harness behaves as the incumbent does");
    }
    return HarnessConfig.parse(result.toJson(), "candidate", registry).hash(registry).equals(hash)
        ? Optional.empty()
        : refused(Ground.CANONICAL_FORM, "the harness does not survive being written and read");
  }

  /** Whether the step from one harness to the other stays within the red lines. */
  public Optional<Refusal> redLines(HarnessConfig incumbent, HarnessConfig result) {
    List<String> breaches = redLines.breaches(incumbent, result, registry);
    return breaches.isEmpty()
        ? Optional.empty()
        : refused(Ground.RED_LINES, String.join("; ", breaches));
  }

  /** Whether the harness can be built. */
  public Optional<Refusal> compilation(HarnessConfig result) {
    try {
      Harness.compile(result, registry);
      return Optional.empty();
    } catch (HarnessException e) {
      return refused(Ground.COMPILATION, "the harness does not compile: " + e.getMessage());
    }
  }

  private static Optional<Refusal> refused(Ground ground, String reason) {
    return Optional.of(new Refusal(ground, reason));
  }
}
