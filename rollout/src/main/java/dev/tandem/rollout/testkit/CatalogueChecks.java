package dev.tandem.rollout.testkit;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** What a family says of its tasks. */
final class CatalogueChecks {
  private static final String NAME = "\\p{Graph}{1,200}";
  private static final String HASH = "[0-9a-f]{64}";

  private CatalogueChecks() {}

  static void tasks(Subject subject, Findings findings) {
    findings.expect(
        !subject.tasks(Split.TRAIN).isEmpty(), "split train has no tasks: there is nothing to do");
    Set<String> ids = new HashSet<>();
    for (Split split : Split.values()) {
      for (TaskSpec task : subject.tasks(split)) {
        findings.expect(
            task.family().equals(subject.family().id()),
            "task '%s' says that its family is '%s', was asked of '%s'",
            task.id(),
            task.family(),
            subject.family().id());
        findings.expect(
            task.split() == split,
            "task '%s' was given for split %s and says %s",
            task.id(),
            split.id(),
            task.split().id());
        findings.expect(
            task.id().matches(NAME) && task.category().matches(NAME),
            "ids and categories are 1 to 200 characters without space, were '%s' and '%s'",
            task.id(),
            task.category());
        findings.expect(
            task.contentHash().matches(HASH),
            "the content hash of task '%s' must be a SHA-256 in lower-case hexadecimal, was '%s'",
            task.id(),
            task.contentHash());
        findings.expect(ids.add(task.id()), "two tasks have the id '%s'", task.id());
      }
    }
  }

  static void splits(Subject subject, Findings findings) {
    Map<String, TaskSpec> known = new HashMap<>();
    for (TaskSpec task : subject.tasks()) {
      TaskSpec other = known.putIfAbsent(task.contentHash(), task);
      findings.expect(
          other == null || other.split() == task.split(),
          "task '%s' of split %s and a task of another split have the same content",
          task.id(),
          task.split().id());
    }
  }

  static void stability(Subject subject, Findings findings) {
    TaskCatalogue catalogue = subject.family().tasks();
    for (Split split : Split.values()) {
      List<TaskSpec> whole = subject.tasks(split);
      List<TaskSpec> backwards = new ArrayList<>();
      for (int i = whole.size() - 1; i >= 0; i--) {
        backwards.addAll(catalogue.tasks(split, i, 1));
      }
      findings.expect(
          backwards.reversed().equals(whole),
          "split %s gave other tasks when it was asked one by one from the last",
          split.id());
      int from = whole.size() / 3;
      findings.expect(
          catalogue
              .tasks(split, from, whole.size() - from)
              .equals(whole.subList(from, whole.size())),
          "split %s gave other tasks from the %d-th on when it was asked for those only",
          split.id(),
          from);
      findings.expect(
          subject.tasks(split).equals(whole),
          "split %s gave other tasks when it was asked again",
          split.id());
    }
  }

  static void size(Subject subject, Findings findings) {
    TaskCatalogue catalogue = subject.family().tasks();
    for (Split split : Split.values()) {
      OptionalInt size = catalogue.size(split);
      int given = subject.tasks(split).size();
      if (size.isPresent()) {
        int count = size.getAsInt();
        findings.expect(
            catalogue.tasks(split, 0, count).size() == count,
            "split %s says it has %d tasks and gives %d",
            split.id(),
            count,
            catalogue.tasks(split, 0, count).size());
        findings.expect(
            refuses(catalogue, split, count),
            "split %s has %d tasks and gives one more: it must throw IllegalArgumentException",
            split.id(),
            count);
      } else {
        int more = 2 * Math.max(given, subject.settings().tasks());
        findings.expect(
            catalogue.tasks(split, 0, more).size() == more,
            "split %s says that its tasks never end, and does not give %d",
            split.id(),
            more);
      }
      findings.expect(
          catalogue.size(split).equals(size), "split %s says another size than before", split.id());
    }
  }

  private static boolean refuses(TaskCatalogue catalogue, Split split, int from) {
    try {
      catalogue.tasks(split, from, 1);
      return false;
    } catch (IllegalArgumentException expected) {
      return true;
    }
  }
}
