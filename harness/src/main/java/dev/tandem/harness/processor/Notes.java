package dev.tandem.harness.processor;

import dev.tandem.harness.Event;
import dev.tandem.harness.Outcome;
import java.util.Collection;

/** How notes get into the prompt: as sentences after what is already there. */
final class Notes {
  private Notes() {}

  static Outcome append(Event.BeforeModel event, String note) {
    String content = event.lastContent();
    return new Outcome.Transform(
        event.withLastContent(content.isEmpty() ? note : content + " " + note));
  }

  /** {@code label : a b .}, or {@code label : nothing .} */
  static String list(String label, Collection<String> items) {
    return label + " : " + (items.isEmpty() ? "nothing" : String.join(" ", items)) + " .";
  }
}
