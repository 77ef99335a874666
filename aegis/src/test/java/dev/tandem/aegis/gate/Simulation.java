package dev.tandem.aegis.gate;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A rehearsal of coin flips: every episode succeeds with a chance that depends on harness and task
 * category, independently of the other arm, which is the hardest case for a paired test.
 */
public final class Simulation implements Rehearsal {
  public static final List<String> CATEGORIES = List.of("place", "two");

  private final long seed;
  private final Chance chance;
  private final Set<String> inert;
  private final List<String> categories;
  private int episodes;

  public Simulation(long seed, Chance chance) {
    this(seed, chance, Set.of());
  }

  /**
   * @param inert processor types that never act
   */
  public Simulation(long seed, Chance chance, Set<String> inert) {
    this(seed, chance, inert, CATEGORIES);
  }

  /**
   * @param categories of tasks, in turn
   */
  public Simulation(long seed, Chance chance, Set<String> inert, List<String> categories) {
    this.seed = seed;
    this.chance = chance;
    this.inert = inert;
    this.categories = List.copyOf(categories);
  }

  /** Chance of success. */
  @FunctionalInterface
  public interface Chance {
    double of(HarnessConfig harness, String category);
  }

  @Override
  public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
    String hash = TestRegistry.hash(harness);
    List<Trajectory> played = new ArrayList<>(tasks.size());
    for (int index : tasks) {
      TaskSpec task = TestEpisodes.task(Split.GATE, category(index), index);
      boolean success =
          RandomStreams.stream(seed, hash, index, attempt).nextDouble()
              < chance.of(harness, task.category());
      String[] acted =
          harness.processors().stream()
              .map(spec -> spec.type())
              .filter(type -> !inert.contains(type))
              .toArray(String[]::new);
      played.add(TestEpisodes.episode("gate-" + index, task, hash, success, List.of(), acted));
    }
    episodes += tasks.size();
    return new RolloutResult(played, List.of());
  }

  @Override
  public String category(int task) {
    return categories.get(task % categories.size());
  }

  int episodes() {
    return episodes;
  }
}
