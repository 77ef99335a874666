package dev.tandem.trainer.policy;

import java.util.List;

/**
 * What one conversation teaches.
 *
 * @param parts one where the whole conversation reads as it did when each answer was given, else
 *     one for each answer with all before it; none that says nothing
 * @param lost answers whose place in the rendered text could not be told
 */
public record Transcripts(List<Transcript> parts, int lost) {
  public Transcripts {
    parts = List.copyOf(parts);
  }
}
