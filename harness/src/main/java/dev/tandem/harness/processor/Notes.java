package dev.tandem.harness.processor;

import dev.tandem.harness.Event;
import dev.tandem.harness.Outcome;
import java.util.Collection;

/** How notes get into the prompt: as sentences after what is already there. */
final class Notes {
  private Notes() {}

  static Outcome append(Event.BeforeModel event, String note) {
    return new Outcome.Transform(event.withLastContent(join(event.lastContent(), note)));
  }

  static Outcome appendToSystemPrompt(Event.TaskStart event, String note) {
    return new Outcome.Transform(
        new Event.TaskStart(event.observation(), join(event.systemPrompt(), note)));
  }

  /** Two texts with a space between, where there are two. */
  static String join(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + " " + second;
  }

  /** {@code label : a b .}, or {@code label : nothing .} */
  static String list(String label, Collection<String> items) {
    return label + " : " + (items.isEmpty() ? "nothing" : String.join(" ", items)) + " .";
  }
}
