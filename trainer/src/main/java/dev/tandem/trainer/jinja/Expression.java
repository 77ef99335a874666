package dev.tandem.trainer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The syntax of an expression. */
sealed interface Expression {

  record Constant(Value value) implements Expression {}

  record Name(String name) implements Expression {}

  record ListOf(List<Expression> items, boolean tuple) implements Expression {}

  record DictOf(List<Map.Entry<Expression, Expression>> entries) implements Expression {}

  /** {@code owner.name}: Python's attribute first, then the item. */
  record Attribute(Expression owner, String name) implements Expression {}

  /** {@code owner[key]}: the item first, then Python's attribute. */
  record Item(Expression owner, Expression key) implements Expression {}

  record Slice(
      Expression owner,
      Optional<Expression> start,
      Optional<Expression> stop,
      Optional<Expression> step)
      implements Expression {}

  record Call(Expression callee, List<Expression> positional, Map<String, Expression> named)
      implements Expression {}

  record Filter(
      Expression input, String name, List<Expression> positional, Map<String, Expression> named)
      implements Expression {}

  record Test(Expression subject, String name, List<Expression> arguments) implements Expression {}

  record Not(Expression operand) implements Expression {}

  /** A minus or plus sign. */
  record Sign(boolean minus, Expression operand) implements Expression {}

  record And(Expression left, Expression right) implements Expression {}

  record Or(Expression left, Expression right) implements Expression {}

  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /** {@code a < b <= c}: each operator between its neighbours. */
  record Comparison(Expression first, List<Map.Entry<String, Expression>> rest)
      implements Expression {}

  /** {@code then if condition else otherwise}; without else it may be undefined. */
  record Conditional(Expression condition, Expression then, Optional<Expression> otherwise)
      implements Expression {}
}
