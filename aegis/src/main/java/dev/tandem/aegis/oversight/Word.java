package dev.tandem.aegis.oversight;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;

/**
 * What a person said about an edit that waits.
 *
 * @param candidate the edit's id
 * @param harness content hash of the harness that it was said about
 * @param approved whether the edit ships
 * @param by who said it
 * @param at when, as the person's machine had it
 * @param note why; may be empty
 */
public record Word(
    @JsonProperty("candidate") String candidate,
    @JsonProperty("harness") String harness,
    @JsonProperty("approved") boolean approved,
    @JsonProperty("by") String by,
    @JsonProperty("at") String at,
    @JsonProperty("note") String note) {
  public Word {
    for (String part : new String[] {candidate, harness, by, at, note}) {
      Objects.requireNonNull(part, "a word has a candidate, a harness, by, at and a note");
    }
  }

  /**
   * Holds the word against what waits, for an id alone may come to mean another edit when a run
   * goes on from an older round.
   *
   * @throws WordException when it is about another edit or another harness
   */
  public void requireAbout(String waiting, String waitingHarness) {
    if (!candidate.equals(waiting) || !harness.equals(waitingHarness)) {
      throw new WordException(
          "the word of %s (%s) is about %s with the harness %.12s, and %s with the harness %.12s waits: remove it and say it again"
              .formatted(by, at, candidate, harness, waiting, waitingHarness));
    }
  }
}
