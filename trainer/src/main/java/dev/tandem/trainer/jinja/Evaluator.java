package dev.tandem.trainer.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Computes expressions in a scope. */
final class Evaluator {
  private final Scope scope;

  Evaluator(Scope scope) {
    this.scope = scope;
  }

  Value value(Expression expression) {
    return switch (expression) {
      case Expression.Constant constant -> constant.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.ListOf list -> new Value.Sequence(values(list.items()), list.tuple());
      case Expression.DictOf dict -> dict(dict);
      case Expression.Attribute attribute ->
          Members.attribute(value(attribute.owner()), attribute.name());
      case Expression.Item item -> Members.item(value(item.owner()), value(item.key()));
      case Expression.Slice slice ->
          Members.slice(
              value(slice.owner()), bound(slice.start()), bound(slice.stop()), bound(slice.step()));
      case Expression.Call call -> call(call);
      case Expression.Filter filter ->
          Filters.apply(
              filter.name(),
              value(filter.input()),
              new Arguments(
                  "the filter " + filter.name(),
                  values(filter.positional()),
                  named(filter.named())));
      case Expression.Test test ->
          Value.of(
              ValueTests.holds(
                  test.name(),
                  value(test.subject()),
                  new Arguments("the test " + test.name(), values(test.arguments()), Map.of())));
      case Expression.Not not -> Value.of(!value(not.operand()).isTrue());
      case Expression.Sign sign -> Operators.sign(sign.minus(), value(sign.operand()));
      case Expression.And and -> {
        Value left = value(and.left());
        yield left.isTrue() ? value(and.right()) : left;
      }
      case Expression.Or or -> {
        Value left = value(or.left());
        yield left.isTrue() ? left : value(or.right());
      }
      case Expression.Binary binary ->
          Operators.binary(binary.operator(), value(binary.left()), value(binary.right()));
      case Expression.Comparison comparison -> compare(comparison);
      case Expression.Conditional choice -> choose(choice);
    };
  }

  private List<Value> values(List<Expression> expressions) {
    return expressions.stream().map(this::value).toList();
  }

  private Map<String, Value> named(Map<String, Expression> expressions) {
    Map<String, Value> values = new LinkedHashMap<>();
    expressions.forEach((name, expression) -> values.put(name, value(expression)));
    return values;
  }

  private Value dict(Expression.DictOf dict) {
    Map<String, Value> entries = new LinkedHashMap<>();
    for (Map.Entry<Expression, Expression> entry : dict.entries()) {
      if (!(value(entry.getKey()) instanceof Value.Text key)) {
        throw JinjaException.unsupported("a mapping's key that is no string");
      }
      entries.put(key.value(), value(entry.getValue()));
    }
    return new Value.Mapping(entries);
  }

  private OptionalLong bound(Optional<Expression> expression) {
    if (expression.isEmpty()) {
      return OptionalLong.empty();
    }
    Value value = value(expression.get());
    return value instanceof Value.None
        ? OptionalLong.empty()
        : OptionalLong.of(Operators.integer(value, "a slice"));
  }

  private Value call(Expression.Call call) {
    Value callee = value(call.callee());
    if (callee instanceof Value.Callable callable) {
      return callable
          .body()
          .call(new Arguments(callable.name(), values(call.positional()), named(call.named())));
    }
    throw new JinjaException(
        callee instanceof Value.Undefined undefined
            ? "there is no function %s".formatted(undefined.what())
            : callee.typeName() + " cannot be called");
  }

  private Value compare(Expression.Comparison comparison) {
    Value left = value(comparison.first());
    for (Map.Entry<String, Expression> next : comparison.rest()) {
      Value right = value(next.getValue());
      if (!Operators.compare(next.getKey(), left, right)) {
        return new Value.Bool(false);
      }
      left = right;
    }
    return new Value.Bool(true);
  }

  private Value choose(Expression.Conditional choice) {
    if (value(choice.condition()).isTrue()) {
      return value(choice.then());
    }
    return choice
        .otherwise()
        .map(this::value)
        .orElseGet(() -> new Value.Undefined("an if without else"));
  }
}
