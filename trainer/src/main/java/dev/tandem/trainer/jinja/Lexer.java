package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, and takes away white space as Jinja2 does with {@code trim_blocks}
 * (the line feed after a statement or comment goes), {@code lstrip_blocks} (so does the indentation
 * before one), {@code -} and {@code +} at either end of a tag, and without {@code
 * keep_trailing_newline}.
 */
final class Lexer {
  private static final Pattern TAG = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-?)%\\}");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern CODE =
      Pattern.compile(
          """
          (?<space>\\s+)\
          |(?<float>\\d+(?:_\\d+)*(?:\\.\\d+(?:_\\d+)*(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+))\
          |(?<integer>\\d+(?:_\\d+)*)\
          |(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)\
          |(?<string>'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*")\
          |(?<operator>\\*\\*|//|==|!=|>=|<=|[-+*/%~|<>=(){}\\[\\].,:;])\
          """,
          Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);
  private static final String OPENING = "([{";
  private static final String CLOSING = ")]}";

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** Whether what was read last ended with a line feed. */
  private boolean lineStarting = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String normal = template.replace("\r\n", "\n").replace('\r', '\n');
    return new Lexer(normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal)
        .run();
  }

  private List<Token> run() {
    Matcher tag = TAG.matcher(source);
    while (tag.find(at)) {
      int begin = tag.start();
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      data(source.substring(at, begin), sign, kind != '{');
      advance(begin);
      Matcher raw = RAW.matcher(source).region(begin, source.length());
      if (kind == '#') {
        comment();
      } else if (kind == '%' && raw.lookingAt()) {
        raw(raw);
      } else {
        advance(begin + (sign == '-' || sign == '+' ? 3 : 2));
        code(kind == '{');
      }
    }
    data(source.substring(at), ' ', false);
    tokens.add(new Token(Token.Kind.END, "", line));
    return tokens;
  }

  /** Moves on and counts lines. */
  private void advance(int to) {
    for (int i = at; i < to; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    at = to;
  }

  /** Text before a tag, with the tag's sign and whether it may lose its indentation. */
  private void data(String text, char sign, boolean indented) {
    String kept = text;
    if (sign == '-') {
      kept = PythonStrings.stripRight(text);
    } else if (sign != '+' && indented) {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarting)
          && text.codePoints().skip(lineStart).allMatch(PythonStrings::isSpace)) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) {
      tokens.add(new Token(Token.Kind.DATA, kept, line));
    }
  }

  private void comment() {
    int end = source.indexOf("#}", at + 2);
    if (end < 0) {
      throw new JinjaException(line, "the comment {# has no #}");
    }
    afterTag(end + 2, source.charAt(end - 1), true);
  }

  private void raw(Matcher begin) {
    int start = begin.end();
    Matcher end = END_RAW.matcher(source);
    if (!end.find(start)) {
      throw new JinjaException(line, "{% raw %} has no {% endraw %}");
    }
    advance(start);
    String text = source.substring(start, end.start());
    if (!begin.group(1).isEmpty()) {
      text = PythonStrings.stripLeft(text);
    }
    data(text, end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true);
    advance(end.end());
    lineStarting = end.group().endsWith("\n");
  }

  /**
   * Steps over the end of a tag and the white space that goes with it.
   *
   * @param afterTag behind the closing braces
   * @param sign the character before the closing braces
   */
  private void afterTag(int afterTag, char sign, boolean trimmed) {
    int next = afterTag;
    if (sign == '-') {
      while (next < source.length() && PythonStrings.isSpace(source.charAt(next))) {
        next++;
      }
    } else if (trimmed && sign != '+' && next < source.length() && source.charAt(next) == '\n') {
      next++;
    }
    lineStarting = next > 0 && source.charAt(next - 1) == '\n';
    advance(next);
  }

  /** The inside of one tag. */
  private void code(boolean expression) {
    String closing = expression ? "}}" : "%}";
    tokens.add(
        new Token(
            expression ? Token.Kind.EXPRESSION_BEGIN : Token.Kind.STATEMENT_BEGIN,
            expression ? "{{" : "{%",
            line));
    int opened = line;
    StringBuilder brackets = new StringBuilder();
    Matcher matcher = CODE.matcher(source);
    while (at < source.length()) {
      boolean signed = "-+".indexOf(source.charAt(at)) >= 0 && source.startsWith(closing, at + 1);
      boolean plus = signed && source.charAt(at) == '+';
      if (brackets.isEmpty()
          && (source.startsWith(closing, at) || (signed && !(plus && expression)))) {
        tokens.add(
            new Token(
                expression ? Token.Kind.EXPRESSION_END : Token.Kind.STATEMENT_END, closing, line));
        afterTag(at + (signed ? 3 : 2), signed ? source.charAt(at) : ' ', !expression);
        return;
      }
      if (!matcher.region(at, source.length()).lookingAt()) {
        throw new JinjaException(
            line,
            "unexpected character '%s'".formatted(Character.toString(source.codePointAt(at))));
      }
      token(matcher, brackets);
      advance(matcher.end());
    }
    throw new JinjaException(opened, "the tag is not closed by " + closing);
  }

  private void token(Matcher matcher, StringBuilder brackets) {
    if (matcher.group("string") != null) {
      String quoted = matcher.group();
      tokens.add(
          new Token(
              Token.Kind.STRING,
              PythonStrings.unescape(quoted.substring(1, quoted.length() - 1)),
              line));
    } else if (matcher.group("name") != null) {
      tokens.add(new Token(Token.Kind.NAME, matcher.group(), line));
    } else if (matcher.group("integer") != null) {
      tokens.add(new Token(Token.Kind.INTEGER, matcher.group().replace("_", ""), line));
    } else if (matcher.group("float") != null) {
      tokens.add(new Token(Token.Kind.FLOAT, matcher.group().replace("_", ""), line));
    } else if (matcher.group("operator") != null) {
      balance(matcher.group(), brackets);
      tokens.add(new Token(Token.Kind.OPERATOR, matcher.group(), line));
    }
  }

  /** Braces of a mapping's literal are no tag's end. */
  private void balance(String operator, StringBuilder brackets) {
    int opening = OPENING.indexOf(operator);
    int closing = CLOSING.indexOf(operator);
    if (opening >= 0) {
      brackets.append(CLOSING.charAt(opening));
    } else if (closing >= 0) {
      int last = brackets.length() - 1;
      if (last < 0 || brackets.charAt(last) != operator.charAt(0)) {
        throw new JinjaException(line, "unexpected '%s'".formatted(operator));
      }
      brackets.setLength(last);
    }
  }
}
