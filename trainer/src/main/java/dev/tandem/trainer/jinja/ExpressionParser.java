package dev.tandem.trainer.jinja;

import dev.tandem.trainer.jinja.Expression.And;
import dev.tandem.trainer.jinja.Expression.Binary;
import dev.tandem.trainer.jinja.Expression.Comparison;
import dev.tandem.trainer.jinja.Expression.Conditional;
import dev.tandem.trainer.jinja.Expression.ListOf;
import dev.tandem.trainer.jinja.Expression.Not;
import dev.tandem.trainer.jinja.Expression.Or;
import dev.tandem.trainer.jinja.Expression.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads expressions with Jinja2's precedence, one method a level, the loosest first. What binds
 * tighter than any operator is {@link OperandParser}'s.
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final OperandParser operands;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    operands = new OperandParser(tokens, this);
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
      result = operands.primary();
    }
    result = operands.postfix(result);
    return withFilters ? operands.filtersAndTests(result) : result;
  }
}
