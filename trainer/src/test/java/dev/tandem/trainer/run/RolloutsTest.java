package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.RoundPlan;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.SilentMonitor;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RolloutSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

final class RolloutsTest {
  private final List<EpisodePlan> played = new ArrayList<>();
  private final Rollouts rollouts =
      new Rollouts(
          new HouseFamily(),
          (plans, model, finished) -> {
            played.addAll(plans);
            return new RolloutResult(List.of(), List.of());
          },
          Outfit.of(Tiny.REGISTRY),
          new RolloutSettings(3, 4, 8, 16, 1, 1),
          8,
          7,
          new SilentMonitor());

  private RoundPlan.Arm arm(HarnessConfig harness) {
    return new RoundPlan.Arm(Assignment.REFERENCE, harness, rollouts.hash(harness));
  }

  @Test
  void noTwoAttemptsOfTrainingShareARandomStream() {
    RoundPlan.Arm incumbent = arm(Tiny.harness());
    RoundPlan.Arm challenger =
        arm(
            HarnessConfig.of(
                ProcessorSpec.of("system_prompt"),
                ProcessorSpec.of("house_view"),
                ProcessorSpec.of("history_window").with("turns", 2)));
    try (Policy policy = Tiny.policy(1)) {
      ModelProvider model = policy.provider("round-0000");
      for (int round = 1; round <= 2; round++) {
        SequencedMap<TaskSpec, List<RoundPlan.Arm>> arms = new LinkedHashMap<>();
        for (TaskSpec task : rollouts.draw(1)) {
          arms.put(task, List.of(incumbent, incumbent, challenger, challenger));
        }
        rollouts.collect(round, new RoundPlan(incumbent, arms), 0, model);
      }
    }
    assertThat(played).hasSize(2 * 3 * 4);
    assertThat(played.stream().map(EpisodePlan::seed)).doesNotHaveDuplicates();
  }
}
