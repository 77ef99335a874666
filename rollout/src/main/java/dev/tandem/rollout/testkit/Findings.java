package dev.tandem.rollout.testkit;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a check has found; of many the first few, which say as much. */
final class Findings {
  private static final int MOST = 3;

  private final String check;
  private final List<Violation> found = new ArrayList<>();

  Findings(String check) {
    this.check = check;
  }

  @FormatMethod
  void add(@FormatString String sentence, Object... values) {
    if (found.size() < MOST) {
      found.add(new Violation(check, sentence.formatted(values)));
    }
  }

  /** Notes the sentence unless something holds. */
  @FormatMethod
  void expect(boolean holds, @FormatString String sentence, Object... values) {
    if (!holds) {
      add(sentence, values);
    }
  }

  /** Something was thrown that nobody may throw here. */
  void thrown(Throwable thrown) {
    String where =
        Arrays.stream(thrown.getStackTrace())
            .filter(frame -> !frame.getClassName().matches("(java|jdk)\\..*"))
            .findFirst()
            .map(frame -> " at " + frame)
            .orElse("");
    add("it threw %s%s", thrown, where);
  }

  List<Violation> all() {
    return List.copyOf(found);
  }
}
