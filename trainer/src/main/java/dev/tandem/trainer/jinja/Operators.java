package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's operators. */
final class Operators {
  private static final int LONGEST = 1 << 26;

  private Operators() {}

  static Value binary(String operator, Value left, Value right) {
    if (operator.equals("~")) {
      return new Value.Text(PythonText.of(left) + PythonText.of(right));
    }
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Value.Real || right instanceof Value.Real || operator.equals("/"))
          ? new Value.Real(real(operator, real(left), real(right)))
          : integers(operator, integer(left, operator), integer(right, operator));
    }
    if (operator.equals("+") && left instanceof Value.Text a && right instanceof Value.Text b) {
      return new Value.Text(a.value() + b.value());
    }
    if (operator.equals("+")
        && left instanceof Value.Sequence a
        && right instanceof Value.Sequence b
        && a.tuple() == b.tuple()) {
      List<Value> both = new ArrayList<>(a.items());
      both.addAll(b.items());
      return new Value.Sequence(both, a.tuple());
    }
    if (operator.equals("*") && left instanceof Value.Text text && right instanceof Value.Int n) {
      return new Value.Text(text.value().repeat(times(n.value(), text.value().length())));
    }
    if (operator.equals("*") && left instanceof Value.Int && right instanceof Value.Text) {
      return binary(operator, right, left);
    }
    if (operator.equals("%") && left instanceof Value.Text) {
      throw JinjaException.unsupported("formatting a string with %");
    }
    throw new JinjaException(
        "%s %s %s cannot be computed".formatted(left.typeName(), operator, right.typeName()));
  }

  private static int times(long count, int length) {
    if (count > 0 && count * Math.max(1, length) > LONGEST) {
      throw new JinjaException("the text grows beyond %d characters".formatted(LONGEST));
    }
    return (int) Math.max(0, count);
  }

  private static Value integers(String operator, long left, long right) {
    if (operator.equals("**") && right < 0) {
      return new Value.Real(Math.pow((double) left, (double) right));
    }
    if (right == 0 && (operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("%d %s 0 divides by zero".formatted(left, operator));
    }
    try {
      return new Value.Int(
          switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            case "**" -> power(left, right);
            default -> throw JinjaException.unsupported("the operator " + operator);
          });
    } catch (ArithmeticException e) {
      throw new JinjaException(
          "%d %s %d does not fit into 64 bits".formatted(left, operator, right));
    }
  }

  private static long power(long base, long exponent) {
    long result = 1;
    for (long i = 0; i < exponent && result != 0 && !(base == 1); i++) {
      result = Math.multiplyExact(result, base);
    }
    return result;
  }

  private static double real(String operator, double left, double right) {
    if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("%s %s 0 divides by zero".formatted(left, operator));
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> left - right * Math.floor(left / right);
      case "**" -> Math.pow(left, right);
      default -> throw JinjaException.unsupported("the operator " + operator);
    };
  }

  static Value sign(boolean minus, Value operand) {
    if (!isNumber(operand)) {
      throw new JinjaException("%s has no sign".formatted(operand.typeName()));
    }
    if (operand instanceof Value.Real number) {
      return minus ? new Value.Real(-number.value()) : number;
    }
    long number = integer(operand, "the sign");
    return new Value.Int(minus ? Math.negateExact(number) : number);
  }

  static boolean compare(String operator, Value left, Value right) {
    return switch (operator) {
      case "==" -> equal(left, right);
      case "!=" -> !equal(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> order(left, right) < 0;
      case "<=" -> order(left, right) <= 0;
      case ">" -> order(left, right) > 0;
      case ">=" -> order(left, right) >= 0;
      default -> throw JinjaException.unsupported("the operator " + operator);
    };
  }

  static boolean equal(Value left, Value right) {
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Value.Real || right instanceof Value.Real)
          ? real(left) == real(right)
          : integer(left, "==") == integer(right, "==");
    }
    if (left instanceof Value.Sequence a && right instanceof Value.Sequence b) {
      boolean equal = a.tuple() == b.tuple() && a.items().size() == b.items().size();
      for (int i = 0; equal && i < a.items().size(); i++) {
        equal = equal(a.items().get(i), b.items().get(i));
      }
      return equal;
    }
    if (left instanceof Value.Mapping a && right instanceof Value.Mapping b) {
      return a.entries().keySet().equals(b.entries().keySet())
          && a.entries().entrySet().stream()
              .allMatch(
                  entry ->
                      equal(
                          entry.getValue(),
                          b.entries().getOrDefault(entry.getKey(), new Value.None())));
    }
    if (left instanceof Value.Undefined && right instanceof Value.Undefined) {
      return true;
    }
    return left.equals(right);
  }

  /** Negative, zero or positive, as the left comes before, with or after the right. */
  static int order(Value left, Value right) {
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Value.Real || right instanceof Value.Real)
          ? Double.compare(real(left), real(right))
          : Long.compare(integer(left, "<"), integer(right, "<"));
    }
    if (left instanceof Value.Text a && right instanceof Value.Text b) {
      return PythonStrings.compare(a.value(), b.value());
    }
    throw new JinjaException(
        "%s and %s have no order".formatted(left.typeName(), right.typeName()));
  }

  private static boolean contains(Value container, Value item) {
    return switch (container) {
      case Value.Text text -> {
        if (item instanceof Value.Text part) {
          yield text.value().contains(part.value());
        }
        throw new JinjaException("%s cannot be in a string".formatted(item.typeName()));
      }
      case Value.Mapping mapping ->
          item instanceof Value.Text key && mapping.entries().containsKey(key.value());
      default -> items(container).stream().anyMatch(other -> equal(other, item));
    };
  }

  /** What a loop over the value sees. */
  static List<Value> items(Value value) {
    return switch (value) {
      case Value.Sequence sequence -> sequence.items();
      case Value.Mapping mapping -> texts(mapping.entries());
      case Value.Text text ->
          text.value()
              .codePoints()
              .<Value>mapToObj(point -> new Value.Text(Character.toString(point)))
              .toList();
      case Value.Undefined _ -> List.of();
      case Value.Int _,
          Value.Real _,
          Value.Bool _,
          Value.None _,
          Value.Namespace _,
          Value.Callable _ ->
          throw new JinjaException(value.typeName() + " has no items");
    };
  }

  private static List<Value> texts(Map<String, Value> entries) {
    return entries.keySet().stream().<Value>map(Value.Text::new).toList();
  }

  /** Whether Python's arithmetic takes it; True and False are 1 and 0. */
  static boolean isNumber(Value value) {
    return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
  }

  static long integer(Value value, String user) {
    return switch (value) {
      case Value.Int number -> number.value();
      case Value.Bool bool -> bool.value() ? 1 : 0;
      default ->
          throw new JinjaException(
              "%s needs an integer, was given %s".formatted(user, value.typeName()));
    };
  }

  private static double real(Value value) {
    return value instanceof Value.Real number ? number.value() : integer(value, "arithmetic");
  }
}
