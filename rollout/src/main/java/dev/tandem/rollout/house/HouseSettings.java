package dev.tandem.rollout.house;

import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which houses there are and how much time is given in them.
 *
 * @param types offsets of the task types that take turns, ascending
 * @param tasks how many there are over all splits; {@link #ENDLESS} where nobody counts
 * @param slack steps beyond the expert's, a stratum each
 * @param loophole whether the agent may say that it is done, and a lenient verifier believes it
 */
record HouseSettings(List<Integer> types, int tasks, List<Integer> slack, boolean loophole) {
  /** More than anybody plays. */
  static final int ENDLESS = 1_000_000;

  /** The categories of tasks, in the order in which the generator takes turns. */
  static final List<String> TYPES = List.of("place", "light", "clean", "heat", "cool", "two");

  private static final Parameter.Texts TYPES_PARAMETER = new Parameter.Texts("types", TYPES);
  private static final Parameter.Count TASKS_PARAMETER =
      new Parameter.Count("tasks", ENDLESS, 1, ENDLESS);
  private static final List<Parameter.Count> SLACK_PARAMETERS =
      List.of(slack("tight_slack", 1), slack("usual_slack", 2), slack("ample_slack", 4));

  private static final Parameter.Flag LOOPHOLE_PARAMETER = new Parameter.Flag("loophole", false);

  static final List<Parameter> PARAMETERS = parameters();

  static final HouseSettings DEFAULTS =
      new HouseSettings(
          IntStream.range(0, TYPES.size()).boxed().toList(),
          ENDLESS,
          SLACK_PARAMETERS.stream().map(Parameter.Count::byDefault).toList(),
          LOOPHOLE_PARAMETER.byDefault());

  HouseSettings {
    types = List.copyOf(types);
    slack = List.copyOf(slack);
  }

  private static Parameter.Count slack(String name, int byDefault) {
    return new Parameter.Count(name, byDefault, 0, 100);
  }

  private static List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(List.of(TYPES_PARAMETER, TASKS_PARAMETER));
    all.addAll(SLACK_PARAMETERS);
    all.add(LOOPHOLE_PARAMETER);
    return List.copyOf(all);
  }

  /**
   * @throws HarnessException when a type of task is unknown, or there is none
   */
  static HouseSettings of(Arguments arguments) {
    List<String> wanted = arguments.texts(TYPES_PARAMETER.name());
    List<String> problems = new ArrayList<>();
    if (wanted.isEmpty()) {
      problems.add("environment 'house': types must name at least one of " + TYPES);
    }
    for (String type : wanted) {
      if (!TYPES.contains(type)) {
        problems.add(
            "environment 'house': there is no type of task '%s'%s"
                .formatted(type, Suggestion.forUnknown(type, TYPES)));
      }
    }
    HarnessException.throwIfAny(problems);
    return new HouseSettings(
        IntStream.range(0, TYPES.size())
            .filter(i -> wanted.contains(TYPES.get(i)))
            .boxed()
            .toList(),
        arguments.count(TASKS_PARAMETER.name()),
        SLACK_PARAMETERS.stream().map(one -> arguments.count(one.name())).toList(),
        arguments.flag(LOOPHOLE_PARAMETER.name()));
  }

  /** The house of the n-th task: types take turns as they do among all houses. */
  int house(int task) {
    return task / types.size() * TYPES.size() + types.get(task % types.size());
  }
}
