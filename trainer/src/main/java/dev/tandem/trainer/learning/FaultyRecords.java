package dev.tandem.trainer.learning;

import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.model.learn.Gradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds what made a step's gradient infinite or not a number. */
final class FaultyRecords {
  /** As many as a person would look at. */
  private static final int MOST_NAMED = 3;

  private final PolicyStep step;
  private final Gradients gradients;

  /**
   * @param gradients all zero, before and after
   */
  FaultyRecords(PolicyStep step, Gradients gradients) {
    this.step = step;
    this.gradients = gradients;
  }

  /**
   * The step in a sentence. Halves that are well are not looked at again, so one faulty record
   * costs about two steps.
   */
  String sentence() {
    List<String> named = new ArrayList<>();
    search(0, step.lessons().size(), named);
    return named.isEmpty()
        ? "the gradient of %d records is not finite, though that of each is"
            .formatted(step.lessons().size())
        : "the gradient of %s is not finite".formatted(String.join(", ", named));
  }

  private void search(int from, int to, List<String> named) {
    if (named.size() == MOST_NAMED || isFinite(from, to)) {
      return;
    }
    if (to - from == 1) {
      named.add(step.lessons().get(from).name());
      return;
    }
    int middle = (from + to) >>> 1;
    search(from, middle, named);
    search(middle, to, named);
  }

  private boolean isFinite(int from, int to) {
    boolean[] finite = {true};
    PolicyStep.Observer observer =
        new PolicyStep.Observer() {
          @Override
          public void evaluated(PolicyLossResult result) {}

          @Override
          public void passed(List<Lesson> part, double[] logProbs, double[] entropies) {
            finite[0] &= Arrays.stream(logProbs).allMatch(Double::isFinite);
          }
        };
    step.differentiate(from, to, gradients, observer);
    boolean sums = gradients.norms().values().stream().allMatch(Double::isFinite);
    gradients.clear();
    return finite[0] && sums;
  }
}
