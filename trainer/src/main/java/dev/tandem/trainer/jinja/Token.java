package dev.tandem.trainer.jinja;

/**
 * A piece of a template.
 *
 * @param text of data and strings the content, else the characters as written
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    DATA,
    EXPRESSION_BEGIN,
    EXPRESSION_END,
    STATEMENT_BEGIN,
    STATEMENT_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean isOperator(String symbol) {
    return kind == Kind.OPERATOR && text.equals(symbol);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  /** As messages show it. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case EXPRESSION_END -> "}}";
      case STATEMENT_END -> "%}";
      case STRING -> "the string \"" + text + "\"";
      case DATA, EXPRESSION_BEGIN, STATEMENT_BEGIN, NAME, INTEGER, FLOAT, OPERATOR -> text;
    };
  }
}
