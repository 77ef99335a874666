package dev.tandem.rollout.run;

import java.lang.management.ManagementFactory;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Threads that carry virtual ones. An abandoned episode that computes for ever keeps the thread
 * that carries it, and as many of those as there are processors would stop everybody else: so it
 * gets one of its own for as long as it lasts.
 */
final class Carriers {
  /** What the machine is trusted to share among those who never end. */
  private static final int MOST = 64;

  private static final VirtualThreadSchedulerMXBean SCHEDULER =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  private static int lent;

  private Carriers() {}

  /**
   * @return whether there is one more; then it has to be given back
   */
  static synchronized boolean lend() {
    if (lent == MOST) {
      return false;
    }
    lent++;
    SCHEDULER.setParallelism(SCHEDULER.getParallelism() + 1);
    return true;
  }

  static synchronized void giveBack() {
    lent--;
    SCHEDULER.setParallelism(SCHEDULER.getParallelism() - 1);
  }
}
