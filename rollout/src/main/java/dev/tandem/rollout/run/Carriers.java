package dev.tandem.rollout.run;

import java.lang.management.ManagementFactory;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Threads that carry virtual ones. An abandoned episode that computes for ever keeps the thread
 * that carries it, and as many of those as there are processors would stop everybody else. So there
 * are more of them for as long as such an episode lasts.
 */
final class Carriers {
  /**
   * How many more, all at once: the scheduler looks at its size only when it takes on something
   * new, which it cannot when all that it has are stuck.
   */
  private static final int MORE = 64;

  /**
   * Submitters have queues by chance, and only one that finds its own empty wakes the scheduler.
   */
  private static final int NUDGES = 16;

  private static final VirtualThreadSchedulerMXBean SCHEDULER =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  private static int stuck;

  private Carriers() {}

  /** Another one is stuck; to be followed by {@link #freed}. */
  static synchronized void stuck() {
    if (stuck++ == 0) {
      SCHEDULER.setParallelism(SCHEDULER.getParallelism() + MORE);
    }
    for (int i = 0; i < NUDGES; i++) {
      Thread.ofPlatform()
          .name("episode-carrier-nudge")
          .start(() -> Thread.ofVirtual().name("episode-carrier").start(() -> {}));
    }
  }

  /** It has ended after all. */
  static synchronized void freed() {
    if (--stuck == 0) {
      SCHEDULER.setParallelism(SCHEDULER.getParallelism() - MORE);
    }
  }
}
