package dev.tandem.trainer.cli;

import dev.tandem.harness.value.SteadyClock;
import dev.tandem.trainer.io.ResultJson;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where a verb speaks: results on standard output, everything else on standard error, so that the
 * output of {@code --json} can be piped.
 */
public final class Console {
  /**
   * Set by the launcher to the number of columns when standard error is a terminal, which the JVM
   * cannot find out.
   */
  static final String TERMINAL_PROPERTY = "tandem.terminal";

  private static final int FEWEST_COLUMNS = 20;
  private static final int USUAL_COLUMNS = 80;

  private final PrintStream out;
  private final PrintStream err;
  private final LastWordsStream untilTheEnd;
  private final int columns;
  private final Timer timer;
  private final InstantSource clock = new SteadyClock();
  private final List<ProgressBarOnTerminal> bars = new CopyOnWriteArrayList<>();
  private volatile Remains remains = Remains.NOTHING;

  /**
   * @param columns of the terminal that {@code err} is, where a progress bar may redraw itself; 0
   *     where it is none
   */
  Console(PrintStream out, PrintStream err, int columns, Timer timer) {
    this.out = out;
    Charset charset = err.charset();
    this.untilTheEnd = new LastWordsStream(err);
    this.err = new PrintStream(untilTheEnd, /* autoFlush= */ true, charset);
    this.columns = columns;
    this.timer = timer;
  }

  /**
   * @param terminal whether {@code err} is a terminal, of a usual width
   */
  public Console(PrintStream out, PrintStream err, boolean terminal) {
    this(out, err, terminal ? USUAL_COLUMNS : 0, Timer.system());
  }

  /** The console of this process. */
  public static Console ofProcess() {
    int columns = Integer.getInteger(TERMINAL_PROPERTY, 0);
    return new Console(
        System.out,
        System.err,
        columns > 0 ? Math.max(FEWEST_COLUMNS, columns) : 0,
        Timer.system());
  }

  /** Prints text for people on standard output. */
  public void print(String text) {
    out.println(text);
  }

  /** Prints a remark on standard error. */
  public void note(String text) {
    bars.forEach(ProgressBarOnTerminal::clear);
    err.println(text);
    err.flush();
  }

  /**
   * Prints a remark on standard error and nothing any more after it, whoever tries: the process is
   * about to end, and its threads do not know yet.
   */
  void lastWords(String text) {
    // A bar that is being drawn gives way to the text: back to the line's begin, and clear it.
    String clear = columns > 0 ? "\r\u001b[K" : "";
    untilTheEnd.end((clear + text + System.lineSeparator()).getBytes(err.charset()));
  }

  /** What the verb that runs leaves behind when it ends before its time. */
  Remains remains() {
    return remains;
  }

  void leaves(Remains now) {
    remains = now;
  }

  /**
   * Prints one object on one line of standard output, keys in snake case. It is the last thing a
   * verb prints there. A number that is not finite, which JSON cannot express, becomes null.
   */
  public void json(Object result) {
    out.println(ResultJson.text(result));
    out.flush();
  }

  /**
   * Starts to show progress: a bar on a terminal, elsewhere a plain line now and then.
   *
   * @param what the work, such as {@code round 3 of 20}
   * @param total how many units there are to do
   * @param unit their name, such as {@code episodes}
   */
  public Progress progress(String what, long total, String unit) {
    if (columns == 0) {
      return new ProgressInLines(err, what, total, unit, clock, timer);
    }
    return new ProgressBarOnTerminal(err, bars, columns, what, total, unit, clock, timer);
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }
}
