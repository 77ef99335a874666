package dev.tandem.harness.processor.support;

import dev.tandem.harness.model.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a history may be cut. An exchange is what the model was told and what it made of it; it
 * begins with a user's message, or, between tool calls, with the assistant's. A cut there leaves no
 * tool's answer without the call that it answers.
 */
public final class Exchanges {
  private Exchanges() {}

  /** Positions at which an exchange begins, ascending. */
  public static List<Integer> starts(List<Message> history) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < history.size(); i++) {
      Message.Role role = history.get(i).role();
      boolean afterTools =
          role == Message.Role.ASSISTANT && i > 0 && history.get(i - 1).role() == Message.Role.TOOL;
      if (role == Message.Role.USER || afterTools) {
        starts.add(i);
      }
    }
    return starts;
  }

  /**
   * Where the last exchanges begin. A last assistant's message that uses tools is always kept: what
   * they answer is about to come.
   *
   * @param kept how many exchanges to keep
   * @return a position, 0 when there are no more than those, the history's size to keep nothing
   */
  public static int firstKept(List<Message> history, int kept) {
    boolean open = !history.isEmpty() && !history.getLast().toolUses().isEmpty();
    int least = open ? Math.max(1, kept) : kept;
    List<Integer> starts = starts(history);
    if (starts.size() <= least) {
      return 0;
    }
    return least == 0 ? history.size() : starts.get(starts.size() - least);
  }
}
