package dev.tandem.harness.processor.support;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Outcome;
import java.util.Collection;

/** How notes get into the prompt: as sentences after what is already there. */
public final class Notes {
  private Notes() {}

  public static Outcome append(Event.BeforeModel event, String note) {
    return new Outcome.Transform(event.withLastContent(join(event.lastContent(), note)));
  }

  public static Outcome appendToSystemPrompt(Event.TaskStart event, String note) {
    return new Outcome.Transform(
        new Event.TaskStart(event.observation(), join(event.systemPrompt(), note)));
  }

  /** Two texts with a space between, where there are two. */
  public static String join(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + " " + second;
  }

  /** {@code label : a b .}, or {@code label : nothing .} */
  public static String list(String label, Collection<String> items) {
    return label + " : " + (items.isEmpty() ? "nothing" : String.join(" ", items)) + " .";
  }
}
