package dev.tandem.trainer.jinja;

import dev.tandem.trainer.jinja.Expression.Attribute;
import dev.tandem.trainer.jinja.Expression.Call;
import dev.tandem.trainer.jinja.Expression.Constant;
import dev.tandem.trainer.jinja.Expression.DictOf;
import dev.tandem.trainer.jinja.Expression.Filter;
import dev.tandem.trainer.jinja.Expression.Item;
import dev.tandem.trainer.jinja.Expression.ListOf;
import dev.tandem.trainer.jinja.Expression.Name;
import dev.tandem.trainer.jinja.Expression.Not;
import dev.tandem.trainer.jinja.Expression.Slice;
import dev.tandem.trainer.jinja.Expression.Test;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads operands: constants, names, brackets, and the calls, filters and tests that follow them.
 */
final class OperandParser {
  private static final Set<String> NO_TEST_ARGUMENT =
      Set.of("else", "or", "and", "if", "in", "not");

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  OperandParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> named(token);
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.current().kind() == Token.Kind.STRING) {
          text.append(tokens.next().text());
        }
        yield new Constant(new Value.Text(text.toString()));
      }
      case INTEGER -> new Constant(new Value.Int(integer(token)));
      case FLOAT -> new Constant(new Value.Real(Double.parseDouble(token.text())));
      case OPERATOR -> bracketed(token);
      case DATA, EXPRESSION_BEGIN, EXPRESSION_END, STATEMENT_BEGIN, STATEMENT_END, END ->
          throw new JinjaException(token.line(), "expected an expression, found " + token.shown());
    };
  }

  private static long integer(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw new JinjaException(token.line(), "the integer %s is too large".formatted(token.text()));
    }
  }

  private static Expression named(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Constant(new Value.Bool(true));
      case "false", "False" -> new Constant(new Value.Bool(false));
      case "none", "None" -> new Constant(new Value.None());
      default -> new Name(token.text());
    };
  }

  private Expression bracketed(Token opening) {
    return switch (opening.text()) {
      case "(" -> {
        if (tokens.acceptOperator(")")) {
          yield new ListOf(List.of(), true);
        }
        Expression inside = expressions.tupleOrExpression();
        tokens.expectOperator(")");
        yield inside;
      }
      case "[" -> {
        List<Expression> items = new ArrayList<>();
        while (!tokens.acceptOperator("]")) {
          items.add(expressions.expression());
          if (!tokens.current().isOperator("]")) {
            tokens.expectOperator(",");
          }
        }
        yield new ListOf(items, false);
      }
      case "{" -> {
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!tokens.acceptOperator("}")) {
          Expression key = expressions.expression();
          tokens.expectOperator(":");
          entries.add(Map.entry(key, expressions.expression()));
          if (!tokens.current().isOperator("}")) {
            tokens.expectOperator(",");
          }
        }
        yield new DictOf(entries);
      }
      default ->
          throw new JinjaException(
              opening.line(), "expected an expression, found '%s'".formatted(opening.text()));
    };
  }

  /** What follows an operand without a blank: attributes, subscripts, calls. */
  Expression postfix(Expression owner) {
    Expression result = owner;
    while (true) {
      if (tokens.acceptOperator(".")) {
        Token name = tokens.next();
        result =
            switch (name.kind()) {
              case NAME -> new Attribute(result, name.text());
              case INTEGER -> new Item(result, new Constant(new Value.Int(integer(name))));
              default ->
                  throw new JinjaException(
                      name.line(), "expected a name after '.', found " + name.shown());
            };
      } else if (tokens.acceptOperator("[")) {
        result = subscript(result);
      } else if (tokens.acceptOperator("(")) {
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        arguments(positional, named);
        result = new Call(result, positional, named);
      } else {
        return result;
      }
    }
  }

  private Expression subscript(Expression owner) {
    Optional<Expression> start = sliceBound();
    if (!tokens.acceptOperator(":")) {
      tokens.expectOperator("]");
      return new Item(owner, start.orElseThrow(() -> tokens.unexpected("an index before it")));
    }
    Optional<Expression> stop = sliceBound();
    Optional<Expression> step = tokens.acceptOperator(":") ? sliceBound() : Optional.empty();
    tokens.expectOperator("]");
    return new Slice(owner, start, stop, step);
  }

  private Optional<Expression> sliceBound() {
    return tokens.current().isOperator(":") || tokens.current().isOperator("]")
        ? Optional.empty()
        : Optional.of(expressions.expression());
  }

  /** The rest of a call behind its opening parenthesis. */
  private void arguments(List<Expression> positional, Map<String, Expression> named) {
    while (!tokens.acceptOperator(")")) {
      Token token = tokens.current();
      if (token.isOperator("*") || token.isOperator("**")) {
        throw new JinjaException(token.line(), "unpacking arguments with * is not supported");
      }
      if (token.kind() == Token.Kind.NAME && tokens.following().isOperator("=")) {
        tokens.next();
        tokens.next();
        named.put(token.text(), expressions.expression());
      } else if (named.isEmpty()) {
        positional.add(expressions.expression());
      } else {
        throw new JinjaException(token.line(), "an argument without a name follows a named one");
      }
      if (!tokens.current().isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
  }

  Expression filtersAndTests(Expression subject) {
    Expression result = subject;
    while (true) {
      if (tokens.acceptOperator("|")) {
        String name = tokens.expectName();
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        if (tokens.acceptOperator("(")) {
          arguments(positional, named);
        }
        result = new Filter(result, name, positional, named);
      } else if (tokens.acceptName("is")) {
        result = test(result);
      } else if (tokens.current().isOperator("(")) {
        result = postfix(result);
      } else {
        return result;
      }
    }
  }

  private Expression test(Expression subject) {
    boolean negated = tokens.acceptName("not");
    String name = tokens.expectName();
    List<Expression> arguments = new ArrayList<>();
    Token token = tokens.current();
    if (tokens.acceptOperator("(")) {
      Map<String, Expression> named = new LinkedHashMap<>();
      arguments(arguments, named);
      if (!named.isEmpty()) {
        throw new JinjaException(token.line(), "named arguments of a test are not supported");
      }
    } else if (beginsTestArgument(token)) {
      arguments.add(postfix(primary()));
    }
    Expression test = new Test(subject, name, arguments);
    return negated ? new Not(test) : test;
  }

  private static boolean beginsTestArgument(Token token) {
    return switch (token.kind()) {
      case NAME -> {
        if (token.text().equals("is")) {
          throw new JinjaException(token.line(), "tests cannot be chained with is");
        }
        yield !NO_TEST_ARGUMENT.contains(token.text());
      }
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      case DATA, EXPRESSION_BEGIN, EXPRESSION_END, STATEMENT_BEGIN, STATEMENT_END, END -> false;
    };
  }
}
