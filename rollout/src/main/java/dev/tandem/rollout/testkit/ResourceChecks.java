package dev.tandem.rollout.testkit;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What environments hold, and let go. */
final class ResourceChecks {
  /** How long threads that were told to end may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** A pool that a family shares between its environments is no leak; one thread each is. */
  private static final double SHARED = 0.1;

  private ResourceChecks() {}

  static void close(Subject subject, Findings findings) {
    for (TaskSpec task : subject.fewTasks()) {
      Environment unbegun = subject.open(task);
      closeTwice("before its reset", task, unbegun, findings);
      Environment begun = subject.open(task);
      Play.of(task, begun, subject.player(task, begun), 1);
      closeTwice("in the middle of an episode", task, begun, findings);
    }
  }

  private static void closeTwice(String when, TaskSpec task, Environment world, Findings findings) {
    try {
      world.close();
      world.close();
    } catch (RuntimeException e) {
      findings.add(
          "closing an environment of task '%s' %s, and once more, threw %s", task.id(), when, e);
    }
  }

  static void release(Subject subject, Findings findings) {
    List<TaskSpec> tasks = subject.tasks(Split.TRAIN);
    open(subject, tasks, 1);
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    int opened = subject.settings().opened();
    open(subject, tasks, opened);
    Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
    left.removeAll(before);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    left.removeIf(thread -> ends(thread, deadline));
    findings.expect(
        left.size() <= SHARED * opened,
        "%d environments were opened and closed, and left %d threads behind, such as %s",
        opened,
        left.size(),
        left.stream().map(Thread::getName).sorted().findFirst().orElse(""));
  }

  /** Opens so many environments at once, begins each, and closes all. */
  private static void open(Subject subject, List<TaskSpec> tasks, int count) {
    List<Environment> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        Environment world = subject.open(tasks.get(i % tasks.size()));
        open.add(world);
        world.reset();
      }
    } finally {
      open.forEach(Environment::close);
    }
  }

  private static boolean ends(Thread thread, long deadline) {
    try {
      long left = Math.max(1, deadline - System.nanoTime());
      return thread.join(Duration.ofNanos(left));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
