package dev.tandem.trainer.jinja;

/** Jinja2's tests: what stands behind {@code is}. */
final class ValueTests {
  private ValueTests() {}

  static boolean holds(String name, Value subject, Arguments given) {
    return switch (name) {
      case "equalto", "eq", "==" -> Operators.equal(subject, only(given));
      case "ne", "!=" -> !Operators.equal(subject, only(given));
      case "gt", "greaterthan", ">" -> Operators.order(subject, only(given)) > 0;
      case "ge", ">=" -> Operators.order(subject, only(given)) >= 0;
      case "lt", "lessthan", "<" -> Operators.order(subject, only(given)) < 0;
      case "le", "<=" -> Operators.order(subject, only(given)) <= 0;
      case "in" -> Operators.compare("in", subject, only(given));
      case "divisibleby" -> Operators.binary("%", subject, only(given)).equals(new Value.Int(0));
      default -> {
        given.allow(0);
        yield holds(name, subject);
      }
    };
  }

  private static Value only(Arguments given) {
    if (given.allow(1).positional().isEmpty()) {
      throw new JinjaException(given.callee() + " needs something to compare with");
    }
    return given.positional().getFirst();
  }

  private static boolean holds(String name, Value subject) {
    return switch (name) {
      case "defined" -> !(subject instanceof Value.Undefined);
      case "undefined" -> subject instanceof Value.Undefined;
      case "none" -> subject instanceof Value.None;
      case "string" -> subject instanceof Value.Text;
      case "mapping" -> subject instanceof Value.Mapping;
      case "boolean" -> subject instanceof Value.Bool;
      case "true" -> subject.equals(new Value.Bool(true));
      case "false" -> subject.equals(new Value.Bool(false));
      case "integer" -> subject instanceof Value.Int;
      case "float" -> subject instanceof Value.Real;
      case "number" -> Operators.isNumber(subject);
      case "callable" -> subject instanceof Value.Callable;
      case "sequence" ->
          subject instanceof Value.Text
              || subject instanceof Value.Sequence
              || subject instanceof Value.Mapping;
      case "iterable" ->
          subject instanceof Value.Text
              || subject instanceof Value.Sequence
              || subject instanceof Value.Mapping
              || subject instanceof Value.Undefined;
      case "even" -> Operators.integer(subject, "the test even") % 2 == 0;
      case "odd" -> Operators.integer(subject, "the test odd") % 2 != 0;
      default -> throw JinjaException.unsupported("the test " + name);
    };
  }
}
