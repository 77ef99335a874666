package dev.tandem.trainer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs statements and collects what they print. */
final class Interpreter {
  /** A template in a loop without end would otherwise fill the memory. */
  private static final int LONGEST_OUTPUT = 1 << 26;

  private final StringBuilder output = new StringBuilder();
  private final List<Rendering.Span> generated = new ArrayList<>();

  private Interpreter() {}

  /** Renders a whole template, or text that it keeps in a name. */
  static Rendering render(List<Statement> statements, Scope scope) {
    Interpreter interpreter = new Interpreter();
    interpreter.run(statements, scope);
    return new Rendering(interpreter.output.toString(), interpreter.generated);
  }

  /** The text of a body that is not printed where it stands. */
  private static String kept(List<Statement> statements, Scope scope) {
    return render(statements, scope).text();
  }

  /** How a list of statements ended. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private Flow run(List<Statement> statements, Scope scope) {
    for (Statement statement : statements) {
      Flow flow;
      try {
        flow = run(statement, scope);
      } catch (JinjaException e) {
        throw e.atLine(statement.line());
      }
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Statement statement, Scope scope) {
    Evaluator evaluator = new Evaluator(scope);
    switch (statement) {
      case Statement.Data data -> print(data.text());
      case Statement.Output shown -> print(PythonText.of(evaluator.value(shown.expression())));
      case Statement.If choice -> {
        for (Statement.Branch branch : choice.branches()) {
          if (evaluator.value(branch.condition()).isTrue()) {
            return run(branch.body(), scope);
          }
        }
        return run(choice.otherwise(), scope);
      }
      case Statement.For loop -> loop(loop, scope);
      case Statement.Break _ -> {
        return Flow.BREAK;
      }
      case Statement.Continue _ -> {
        return Flow.CONTINUE;
      }
      case Statement.Assign assign -> bind(assign.names(), evaluator.value(assign.value()), scope);
      case Statement.AssignField assign -> {
        if (!(scope.get(assign.namespace()) instanceof Value.Namespace namespace)) {
          throw new JinjaException(
              "%s is %s, and only a namespace's fields can be set"
                  .formatted(assign.namespace(), scope.get(assign.namespace()).typeName()));
        }
        namespace.fields().put(assign.field(), evaluator.value(assign.value()));
      }
      case Statement.AssignBlock assign ->
          scope.set(assign.name(), new Value.Text(kept(assign.body(), new Scope(scope))));
      case Statement.Macro macro -> scope.set(macro.name(), macro(macro, scope));
      case Statement.Generation said -> {
        int start = output.length();
        run(said.body(), new Scope(scope));
        generated.add(new Rendering.Span(start, output.length()));
      }
    }
    return Flow.ON;
  }

  private void print(String text) {
    if (output.length() + text.length() > LONGEST_OUTPUT) {
      throw new JinjaException("the text grows beyond %d characters".formatted(LONGEST_OUTPUT));
    }
    output.append(text);
  }

  private static void bind(List<String> names, Value value, Scope scope) {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    List<Value> items = Operators.items(value);
    if (items.size() != names.size()) {
      throw new JinjaException(
          "%d values cannot be given to %d names".formatted(items.size(), names.size()));
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), items.get(i));
    }
  }

  private void loop(Statement.For loop, Scope scope) {
    List<Value> items = new ArrayList<>();
    for (Value item : Operators.items(new Evaluator(scope).value(loop.sequence()))) {
      if (loop.filter().isPresent()) {
        Scope trial = new Scope(scope);
        bind(loop.targets(), item, trial);
        if (!new Evaluator(trial).value(loop.filter().get()).isTrue()) {
          continue;
        }
      }
      items.add(item);
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), new Scope(scope));
      return;
    }
    for (int index = 0; index < items.size(); index++) {
      Scope turn = new Scope(scope);
      turn.set("loop", loopFacts(items, index));
      bind(loop.targets(), items.get(index), turn);
      if (run(loop.body(), turn) == Flow.BREAK) {
        return;
      }
    }
  }

  private static Value loopFacts(List<Value> items, int index) {
    Value.Namespace loop = new Value.Namespace();
    int size = items.size();
    loop.fields().put("index", new Value.Int(index + 1));
    loop.fields().put("index0", new Value.Int(index));
    loop.fields().put("revindex", new Value.Int(size - index));
    loop.fields().put("revindex0", new Value.Int(size - index - 1));
    loop.fields().put("first", Value.of(index == 0));
    loop.fields().put("last", Value.of(index == size - 1));
    loop.fields().put("length", new Value.Int(size));
    if (index > 0) {
      loop.fields().put("previtem", items.get(index - 1));
    }
    if (index < size - 1) {
      loop.fields().put("nextitem", items.get(index + 1));
    }
    loop.fields()
        .put("cycle", new Value.Callable("loop.cycle", given -> turn(given.positional(), index)));
    return loop;
  }

  private static Value turn(List<Value> choices, int index) {
    if (choices.isEmpty()) {
      throw new JinjaException("loop.cycle needs something to choose from");
    }
    return choices.get(index % choices.size());
  }

  private static Value macro(Statement.Macro macro, Scope definition) {
    return new Value.Callable(
        macro.name(),
        given -> {
          given.allow(macro.parameters().size(), macro.parameters().toArray(String[]::new));
          Scope scope = new Scope(definition);
          for (int i = 0; i < macro.parameters().size(); i++) {
            scope.set(macro.parameters().get(i), argument(macro, i, given, scope));
          }
          return new Value.Text(kept(macro.body(), scope));
        });
  }

  private static Value argument(Statement.Macro macro, int place, Arguments given, Scope scope) {
    String name = macro.parameters().get(place);
    if (place < given.positional().size()) {
      return given.positional().get(place);
    }
    Value named = given.named().get(name);
    if (named != null) {
      return named;
    }
    return Optional.ofNullable(macro.defaults().get(name))
        .map(new Evaluator(scope)::value)
        .orElseGet(() -> new Value.Undefined(name));
  }
}
