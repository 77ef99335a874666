package dev.tandem.aegis;

import dev.tandem.aegis.gate.Simulation;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Training rounds of coin flips: an episode succeeds with a chance that depends on its harness and
 * the task's category, and every processor of its harness acts, but for those that are inert.
 */
public record TestRounds(
    Simulation.Chance chance, long seed, Set<String> inert, List<String> categories) {
  private static final int TASKS = 48;
  private static final int ATTEMPTS = 8;
  private static final List<String> SUCCESS = List.of(TestFailures.FINE, TestFailures.FINE);

  public TestRounds(Simulation.Chance chance, long seed) {
    this(chance, seed, Set.of());
  }

  public TestRounds(Simulation.Chance chance, long seed, Set<String> inert) {
    this(chance, seed, inert, Simulation.CATEGORIES);
  }

  /** The same tasks in every round. */
  public static List<TaskSpec> tasks() {
    return tasks(Simulation.CATEGORIES);
  }

  private static List<TaskSpec> tasks(List<String> categories) {
    return IntStream.range(0, TASKS)
        .mapToObj(i -> TestEpisodes.task(Split.TRAIN, categories.get(i % categories.size()), i))
        .toList();
  }

  /** The gate's tasks in a round. */
  public Simulation gate(int round) {
    return new Simulation(seed + round, chance, inert, categories);
  }

  /** The plan of a round. */
  public RoundPlan plan(Aegis aegis, AegisState state, int round) {
    return aegis.plan(
        state, round, tasks(categories), ATTEMPTS, RandomStreams.derive(seed, "screen", round));
  }

  /** What becomes of a round's episodes. */
  public RoundEvidence play(Aegis aegis, AegisState state, int round) {
    RoundPlan plan = plan(aegis, state, round);
    List<Trajectory> played = new ArrayList<>();
    plan.arms()
        .forEach(
            (task, arms) -> {
              for (int attempt = 0; attempt < arms.size(); attempt++) {
                RoundPlan.Arm arm = arms.get(attempt);
                boolean success =
                    RandomStreams.stream(seed, task.key(), round, attempt).nextDouble()
                        < chance.of(arm.harness(), task.category());
                played.add(
                    TestEpisodes.episode(
                        "r%d-%s-%d".formatted(round, task.id(), attempt),
                        task,
                        arm.hash(),
                        success,
                        TestFailures.steps(
                            success
                                ? SUCCESS
                                : attempt % 3 == 0 ? TestFailures.SEARCH : TestFailures.LOOP),
                        acting(arm.harness())));
              }
            });
    return new RoundEvidence(round, plan, new RolloutResult(played, List.of()), seed);
  }

  private String[] acting(HarnessConfig harness) {
    return harness.processors().stream()
        .map(ProcessorSpec::type)
        .filter(type -> !inert.contains(type))
        .toArray(String[]::new);
  }
}
