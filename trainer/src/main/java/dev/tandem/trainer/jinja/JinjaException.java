package dev.tandem.trainer.jinja;

/** A template that cannot be read or rendered. The message is one sentence with the line. */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int NOWHERE = 0;

  private final int line;
  private final String problem;

  /** A problem whose place is filled in by whoever runs the statement. */
  JinjaException(String problem) {
    this(NOWHERE, problem, problem);
  }

  JinjaException(int line, String problem) {
    this(line, problem, problem);
  }

  private JinjaException(int line, String problem, String message) {
    super(message);
    this.line = line;
    this.problem = problem;
  }

  static JinjaException unsupported(String what) {
    return new JinjaException(what + " is not supported");
  }

  /** The same problem at a line, unless it already knows its own. */
  JinjaException atLine(int place) {
    return line == NOWHERE ? new JinjaException(place, problem) : this;
  }

  /** The whole sentence. */
  JinjaException in(String template) {
    JinjaException named =
        new JinjaException(line, problem, "%s line %d: %s".formatted(template, line, problem));
    named.initCause(this);
    return named;
  }

  /** The line in the template, from 1. */
  public int line() {
    return line;
  }
}
