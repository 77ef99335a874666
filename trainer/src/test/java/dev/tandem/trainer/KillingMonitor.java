package dev.tandem.trainer;

import dev.tandem.trainer.run.Monitor;

/**
 * Kills a run at a moment: when a piece of work begins or has got on, or when something is noted.
 */
public final class KillingMonitor implements Monitor {
  /** The process is gone. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Killed(String moment) {
      super("killed at " + moment);
    }
  }

  /** What may kill a run. */
  enum When {
    BEGUN,
    UNDER_WAY,
    NOTED
  }

  private final When when;
  private final String what;
  private int occasionsLeft;

  /**
   * @param what how the work's name or the note begins
   * @param occasion which time it has to come to that, from 1
   */
  KillingMonitor(When when, String what, int occasion) {
    this.when = when;
    this.what = what;
    this.occasionsLeft = occasion;
  }

  /** Kills when some work has got on. */
  public static KillingMonitor under(String work) {
    return new KillingMonitor(When.UNDER_WAY, work, 1);
  }

  private void reached(When moment, String name) {
    if (moment == when && name.startsWith(what) && --occasionsLeft == 0) {
      throw new Killed(name);
    }
  }

  @Override
  public Task begin(String name, long total, String unit) {
    reached(When.BEGUN, name);
    return new Task() {
      @Override
      public void advance(long units) {
        reached(When.UNDER_WAY, name);
      }

      @Override
      public void detail(String text) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void note(String text) {
    reached(When.NOTED, text);
  }
}
