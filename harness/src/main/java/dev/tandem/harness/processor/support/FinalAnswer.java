package dev.tandem.harness.processor.support;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.value.NamePattern;
import java.util.List;

/** When a response is the agent's last word. */
public final class FinalAnswer {
  /** Commands that end a task, by name or by beginning and *. */
  public static final List<String> DEFAULT = List.of("finish*", "answer*", "submit*", "done*");

  private FinalAnswer() {}

  /** A command of these; or text without a tool where the world admits no commands. */
  public static boolean is(Event.ModelResponse response, List<String> finish) {
    return response.toolUses().isEmpty()
        ? response.observation().admissible().isEmpty()
            || NamePattern.anyMatches(finish, response.content().strip())
        : response.toolUses().stream().anyMatch(use -> NamePattern.anyMatches(finish, use.tool()));
  }
}
