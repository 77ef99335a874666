package dev.tandem.trainer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The syntax of a statement. */
sealed interface Statement {
  int line();

  record Data(String text, int line) implements Statement {}

  record Output(Expression expression, int line) implements Statement {}

  /** Branches in order, and what holds when none does. */
  record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

  record Branch(Expression condition, List<Statement> body) {}

  record For(
      List<String> targets,
      Expression sequence,
      Optional<Expression> filter,
      List<Statement> body,
      List<Statement> otherwise,
      int line)
      implements Statement {}

  record Break(int line) implements Statement {}

  record Continue(int line) implements Statement {}

  record Assign(List<String> names, Expression value, int line) implements Statement {}

  record AssignField(String namespace, String field, Expression value, int line)
      implements Statement {}

  /** {@code {% set name %} body {% endset %}}. */
  record AssignBlock(String name, List<Statement> body, int line) implements Statement {}

  record Macro(
      String name,
      List<String> parameters,
      Map<String, Expression> defaults,
      List<Statement> body,
      int line)
      implements Statement {}

  /**
   * {@code {% generation %} body {% endgeneration %}}: what the assistant says. Its names do not
   * outlive it.
   */
  record Generation(List<Statement> body, int line) implements Statement {}
}
