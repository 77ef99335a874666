package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads a whole template: text, outputs and statements. */
final class TemplateParser {
  private static final Set<String> REFUSED =
      Set.of(
          "autoescape",
          "block",
          "call",
          "do",
          "extends",
          "filter",
          "from",
          "import",
          "include",
          "pluralize",
          "trans",
          "with");

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  /** Loops around the place being read: what break and continue need. */
  private int loops;

  private boolean generations;

  private TemplateParser(String source) {
    tokens = new TokenStream(Lexer.tokens(source));
    expressions = new ExpressionParser(tokens);
  }

  /**
   * A template.
   *
   * @param marksGeneration whether it says anywhere what the assistant generates
   */
  record Parsed(List<Statement> statements, boolean marksGeneration) {}

  static Parsed parse(String source) {
    TemplateParser parser = new TemplateParser(source);
    List<Statement> statements = parser.until(Set.of());
    if (parser.tokens.current().kind() != Token.Kind.END) {
      throw parser.tokens.unexpected("the end of the template");
    }
    return new Parsed(statements, parser.generations);
  }

  /** Statements up to a tag of one of these names, whose name is then the current token. */
  private List<Statement> until(Set<String> ends) {
    int opened = tokens.previous().line();
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> statements.add(new Statement.Data(token.text(), token.line()));
        case EXPRESSION_BEGIN -> {
          statements.add(new Statement.Output(expressions.tupleOrExpression(), token.line()));
          tokens.expect(Token.Kind.EXPRESSION_END, "}}");
        }
        case STATEMENT_BEGIN -> {
          if (ends.contains(tokens.current().text())) {
            return statements;
          }
          statements.add(statement());
        }
        case END -> {
          if (ends.isEmpty()) {
            return statements;
          }
          throw new JinjaException(
              opened, "the statement is not closed by " + String.join(" or ", new TreeSet<>(ends)));
        }
        case EXPRESSION_END, STATEMENT_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
            throw new JinjaException(token.line(), "unexpected " + token.shown());
      }
    }
  }

  private Statement statement() {
    int line = tokens.current().line();
    String tag = tokens.expectName();
    return switch (tag) {
      case "if" -> branches(line);
      case "for" -> loop(line);
      case "set" -> assignment(line);
      case "macro" -> macro(line);
      case "generation" -> generation(line);
      case "break", "continue" -> {
        if (loops == 0) {
          throw new JinjaException(line, tag + " stands outside a loop");
        }
        end();
        yield tag.equals("break") ? new Statement.Break(line) : new Statement.Continue(line);
      }
      default ->
          throw new JinjaException(
              line,
              REFUSED.contains(tag)
                  ? "the statement %s is not supported".formatted(tag)
                  : "there is no statement %s".formatted(tag));
    };
  }

  private void end() {
    tokens.expect(Token.Kind.STATEMENT_END, "%}");
  }

  /** Statements up to a closing tag, which is read too. */
  private List<Statement> body(String closing) {
    List<Statement> statements = until(Set.of(closing));
    tokens.next();
    end();
    return statements;
  }

  /** The body is a macro to Jinja2: a loop around it cannot be left from inside. */
  private Statement generation(int line) {
    end();
    generations = true;
    int around = loops;
    loops = 0;
    List<Statement> body = body("endgeneration");
    loops = around;
    return new Statement.Generation(body, line);
  }

  private Statement branches(int line) {
    List<Statement.Branch> branches = new ArrayList<>();
    while (true) {
      Expression condition = expressions.tupleOrExpression();
      end();
      branches.add(new Statement.Branch(condition, until(Set.of("elif", "else", "endif"))));
      String next = tokens.expectName();
      if (next.equals("else")) {
        end();
        return new Statement.If(branches, body("endif"), line);
      }
      if (next.equals("endif")) {
        end();
        return new Statement.If(branches, List.of(), line);
      }
    }
  }

  private Statement loop(int line) {
    List<String> targets = names();
    if (!tokens.acceptName("in")) {
      throw tokens.unexpected("in");
    }
    Expression sequence = expressions.withoutConditional();
    Optional<Expression> filter =
        tokens.acceptName("if") ? Optional.of(expressions.expression()) : Optional.empty();
    if (tokens.current().isName("recursive")) {
      throw new JinjaException(line, "a recursive loop is not supported");
    }
    end();
    loops++;
    List<Statement> body = until(Set.of("else", "endfor"));
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.expectName().equals("else")) {
      end();
      otherwise = body("endfor");
    } else {
      end();
    }
    return new Statement.For(targets, sequence, filter, body, otherwise, line);
  }

  private List<String> names() {
    boolean bracketed = tokens.acceptOperator("(");
    List<String> names = new ArrayList<>(List.of(tokens.expectName()));
    while (tokens.acceptOperator(",")) {
      names.add(tokens.expectName());
    }
    if (bracketed) {
      tokens.expectOperator(")");
    }
    return names;
  }

  private Statement assignment(int line) {
    List<String> names = names();
    if (names.size() == 1 && tokens.acceptOperator(".")) {
      String field = tokens.expectName();
      tokens.expectOperator("=");
      Expression value = expressions.tupleOrExpression();
      end();
      return new Statement.AssignField(names.getFirst(), field, value, line);
    }
    if (tokens.acceptOperator("=")) {
      Expression value = expressions.tupleOrExpression();
      end();
      return new Statement.Assign(names, value, line);
    }
    if (tokens.current().isOperator("|")) {
      throw new JinjaException(line, "a filter on a set block is not supported");
    }
    end();
    return new Statement.AssignBlock(names.getFirst(), body("endset"), line);
  }

  private Statement macro(int line) {
    String name = tokens.expectName();
    tokens.expectOperator("(");
    List<String> parameters = new ArrayList<>();
    Map<String, Expression> defaults = new LinkedHashMap<>();
    while (!tokens.acceptOperator(")")) {
      String parameter = tokens.expectName();
      parameters.add(parameter);
      if (tokens.acceptOperator("=")) {
        defaults.put(parameter, expressions.expression());
      }
      if (!tokens.current().isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    end();
    int around = loops;
    loops = 0;
    List<Statement> body = body("endmacro");
    loops = around;
    return new Statement.Macro(name, parameters, defaults, body, line);
  }
}
