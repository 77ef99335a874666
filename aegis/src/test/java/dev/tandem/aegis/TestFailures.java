package dev.tandem.aegis;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A family's own taxonomy whose traces say outright what went wrong: a step's action names it. */
public final class TestFailures implements FailureTaxonomy {
  /** A failure that only this family knows. */
  public static final FailureCategory SEARCHED_AGAIN = FailureCategory.of("searched_again");

  /** Another. */
  public static final FailureCategory FORGOTTEN = FailureCategory.of("forgotten");

  /** The action of a step that nothing was wrong with. */
  public static final String FINE = "fine";

  /** Acting without looking. */
  public static final List<String> LOOP =
      List.of(FINE, "inadmissible_action", "repeated_action", "repeated_action");

  /** Looking where nothing can be. */
  public static final List<String> SEARCH =
      List.of(FINE, FINE, "searched_again", "repeated_action");

  private static final Observation SCENE = Observation.of("goal", "a scene");

  /** Steps of which each is fine or went wrong as its name says. */
  public static List<Step> steps(String... names) {
    return steps(List.of(names));
  }

  /** Steps of which each is fine or went wrong as its name says. */
  public static List<Step> steps(List<String> names) {
    return IntStream.range(0, names.size())
        .mapToObj(index -> new Step(index, SCENE, "", names.get(index), true, SCENE))
        .toList();
  }

  @Override
  public List<FailureCategory> categories() {
    return List.of(
        FailureCategory.INADMISSIBLE_ACTION,
        FailureCategory.REPEATED_ACTION,
        SEARCHED_AGAIN,
        FORGOTTEN);
  }

  @Override
  public Reader over(Trajectories trajectories) {
    return trajectory -> {
      TreeMap<FailureCategory, List<Integer>> found = new TreeMap<>();
      for (Step step : trajectory.episode().steps()) {
        if (!step.action().equals(FINE)) {
          found
              .computeIfAbsent(FailureCategory.of(step.action()), key -> new ArrayList<>())
              .add(step.index());
        }
      }
      return found;
    };
  }
}
