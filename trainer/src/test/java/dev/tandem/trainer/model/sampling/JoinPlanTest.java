package dev.tandem.trainer.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.TestModels;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class JoinPlanTest {

  private static final int[] NOTHING = {};

  @Test
  void takesTheLongestPrefixFromTheLowestSlot() {
    List<int[]> held =
        List.of(NOTHING, new int[] {1, 2, 9}, new int[] {1, 2, 3}, new int[] {1, 2, 3, 4});
    JoinPlan plan = JoinPlan.of(List.of(new int[] {1, 2, 3, 5, 6}), held, 4, 1);
    assertThat(plan.stages()).containsExactly(List.of(new JoinPlan.Joiner(0, 2, 3, 1)));
  }

  @Test
  void leavesThePromptsLastTokenToTheFirstStep() {
    JoinPlan plan =
        JoinPlan.of(List.of(new int[] {1, 2, 3}), List.of(new int[] {1, 2, 3, 4}), 1, 1);
    assertThat(plan.stages()).containsExactly(List.of(new JoinPlan.Joiner(0, 0, 2, 0)));
  }

  @Test
  void ignoresAPrefixThatIsNotWorthCopying() {
    JoinPlan plan =
        JoinPlan.of(List.of(new int[] {1, 2, 3, 5}), List.of(new int[] {1, 2, 3}), 1, 4);
    assertThat(plan.stages().getFirst().getFirst().shared()).isZero();
  }

  @Test
  void computesAPrefixThatManyShareOnceWhenItPays() {
    int[] prompt = TestModels.ids(new SplittableRandom(1), 100);
    JoinPlan plan = JoinPlan.of(Collections.nCopies(5, prompt), List.of(NOTHING, NOTHING), 2, 16);
    assertThat(plan.stages()).hasSize(2);
    assertThat(plan.stages().getFirst()).containsExactly(new JoinPlan.Joiner(0, 0, 0, 99));
    assertThat(plan.stages().getLast())
        .containsExactlyElementsOf(
            IntStream.range(1, 5).mapToObj(i -> new JoinPlan.Joiner(i, 2, 99, 0)).toList());
  }

  @Test
  void computesAPrefixTwiceWhereASecondStageWouldCostMore() {
    int[] prompt = TestModels.ids(new SplittableRandom(1), 40);
    JoinPlan plan = JoinPlan.of(List.of(prompt, prompt), List.of(), 0, 16);
    assertThat(plan.stages()).hasSize(1);
    assertThat(plan.stages().getFirst()).allSatisfy(one -> assertThat(one.shared()).isZero());
  }

  @Test
  void puttingFreshPromptsFirstKeepsEveryPromptOnce() {
    SplittableRandom random = new SplittableRandom(3);
    int[] system = TestModels.ids(random, 30);
    List<int[]> prompts =
        IntStream.range(0, 20)
            .mapToObj(
                i -> {
                  int[] rest = TestModels.ids(random, 1 + random.nextInt(40));
                  return i % 3 == 0
                      ? rest
                      : IntStream.concat(IntStream.of(system), IntStream.of(rest)).toArray();
                })
            .toList();
    JoinPlan plan = JoinPlan.of(prompts, List.of(system), 1, 8);
    assertThat(plan.stages().stream().flatMap(List::stream))
        .extracting(JoinPlan.Joiner::index)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20).boxed().toList());
    for (List<JoinPlan.Joiner> stage : plan.stages()) {
      assertThat(stage)
          .isSortedAccordingTo((a, b) -> Boolean.compare(a.shared() > 0, b.shared() > 0));
      for (JoinPlan.Joiner joiner : stage) {
        assertThat(joiner.shared() + joiner.missing())
            .isEqualTo(prompts.get(joiner.index()).length - 1);
      }
    }
  }
}
