package dev.tandem.trainer.jinja;

import dev.tandem.trainer.jinja.Expression.And;
import dev.tandem.trainer.jinja.Expression.Attribute;
import dev.tandem.trainer.jinja.Expression.Binary;
import dev.tandem.trainer.jinja.Expression.Call;
import dev.tandem.trainer.jinja.Expression.Comparison;
import dev.tandem.trainer.jinja.Expression.Conditional;
import dev.tandem.trainer.jinja.Expression.Constant;
import dev.tandem.trainer.jinja.Expression.DictOf;
import dev.tandem.trainer.jinja.Expression.Filter;
import dev.tandem.trainer.jinja.Expression.Item;
import dev.tandem.trainer.jinja.Expression.ListOf;
import dev.tandem.trainer.jinja.Expression.Name;
import dev.tandem.trainer.jinja.Expression.Not;
import dev.tandem.trainer.jinja.Expression.Or;
import dev.tandem.trainer.jinja.Expression.Sign;
import dev.tandem.trainer.jinja.Expression.Slice;
import dev.tandem.trainer.jinja.Expression.Test;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads expressions with Jinja2's precedence, one method a level, the loosest first. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> NO_TEST_ARGUMENT =
      Set.of("else", "or", "and", "if", "in", "not");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between them: a tuple. */
  Expression tupleOrExpression() {
    Expression first = expression();
    if (!tokens.current().isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.acceptOperator(",")) {
      if (endsTuple()) {
        break;
      }
      items.add(expression());
    }
    return new ListOf(items, true);
  }

  private boolean endsTuple() {
    Token token = tokens.current();
    return token.kind() == Token.Kind.EXPRESSION_END
        || token.kind() == Token.Kind.STATEMENT_END
        || token.isOperator(")");
  }

  Expression expression() {
    Expression result = withoutConditional();
    while (tokens.acceptName("if")) {
      Expression condition = withoutConditional();
      Optional<Expression> otherwise =
          tokens.acceptName("else") ? Optional.of(expression()) : Optional.empty();
      result = new Conditional(condition, result, otherwise);
    }
    return result;
  }

  /** What may stand in a loop's header, where an if is the loop's own. */
  Expression withoutConditional() {
    Expression left = and();
    while (tokens.acceptName("or")) {
      left = new Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.acceptName("and")) {
      left = new And(left, not());
    }
    return left;
  }

  private Expression not() {
    return tokens.current().isName("not") && tokens.acceptName("not") ? new Not(not()) : compare();
  }

  private Expression compare() {
    Expression first = sum();
    List<Map.Entry<String, Expression>> rest = new ArrayList<>();
    while (true) {
      Token token = tokens.current();
      if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        tokens.next();
        rest.add(Map.entry(token.text(), sum()));
      } else if (tokens.acceptName("in")) {
        rest.add(Map.entry("in", sum()));
      } else if (token.isName("not") && tokens.following().isName("in")) {
        tokens.next();
        tokens.next();
        rest.add(Map.entry("not in", sum()));
      } else {
        return rest.isEmpty() ? first : new Comparison(first, rest);
      }
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
      String operator = tokens.next().text();
      left = new Binary(operator, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.acceptOperator("~")) {
      left = new Binary("~", left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (Set.of("*", "/", "//", "%").contains(tokens.current().text())
        && tokens.current().kind() == Token.Kind.OPERATOR) {
      String operator = tokens.next().text();
      left = new Binary(operator, left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.acceptOperator("**")) {
      left = new Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    boolean minus = tokens.current().isOperator("-");
    Expression result;
    if (minus || tokens.current().isOperator("+")) {
      tokens.next();
      result = new Sign(minus, unary(false));
    } else {
      result = primary();
    }
    result = postfix(result);
    return withFilters ? filtersAndTests(result) : result;
  }

  private Expression primary() {
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
        Expression inside = tupleOrExpression();
        tokens.expectOperator(")");
        yield inside;
      }
      case "[" -> {
        List<Expression> items = new ArrayList<>();
        while (!tokens.acceptOperator("]")) {
          items.add(expression());
          if (!tokens.current().isOperator("]")) {
            tokens.expectOperator(",");
          }
        }
        yield new ListOf(items, false);
      }
      case "{" -> {
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!tokens.acceptOperator("}")) {
          Expression key = expression();
          tokens.expectOperator(":");
          entries.add(Map.entry(key, expression()));
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

  private Expression postfix(Expression owner) {
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
        : Optional.of(expression());
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
        named.put(token.text(), expression());
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw new JinjaException(token.line(), "an argument without a name follows a named one");
      }
      if (!tokens.current().isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
  }

  private Expression filtersAndTests(Expression subject) {
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
