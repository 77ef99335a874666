package dev.tandem.harness.run;

import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Names for the tool calls of one response that have none, or not one of their own: results are
 * told by them. They depend on step and place alone, and have nine letters and digits, which is
 * what the strictest chat templates take.
 */
final class CallIds {
  private CallIds() {}

  static List<ToolUse> complete(List<ToolUse> uses, int step) {
    if (uses.isEmpty()) {
      return uses;
    }
    Set<String> taken = new HashSet<>();
    uses.forEach(use -> taken.add(use.id()));
    Set<String> seen = new HashSet<>();
    List<ToolUse> complete = new ArrayList<>(uses.size());
    int place = 0;
    for (ToolUse use : uses) {
      String id = use.id();
      if (id.isEmpty() || !seen.add(id)) {
        do {
          id = "call%03d%02d".formatted(step, place);
          place++;
        } while (!taken.add(id));
      }
      complete.add(new ToolUse(id, use.tool(), use.input()));
    }
    return complete;
  }
}
