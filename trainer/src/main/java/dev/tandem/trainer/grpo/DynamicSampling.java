package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a round's groups of equal rewards, which have no gradient (dynamic sampling;
 * DAPO, arXiv 2503.14476, section 3.2).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = DynamicSampling.Filtered.class, name = "filtered"),
  @JsonSubTypes.Type(value = DynamicSampling.Refilled.class, name = "refilled")
})
public sealed interface DynamicSampling {
  /** How many tasks more a round plays after it has played some. */
  int further(int groupsWithSignal, int playedTasks, int tasksPerRound);

  /** Most tasks that a round plays. */
  int most(int tasksPerRound);

  /** They are left out, and the round learns from the others. */
  record Filtered() implements DynamicSampling {
    @Override
    public int further(int groupsWithSignal, int playedTasks, int tasksPerRound) {
      return 0;
    }

    @Override
    public int most(int tasksPerRound) {
      return tasksPerRound;
    }
  }

  /**
   * They are left out, and further tasks are played until enough groups have a signal.
   *
   * @param groups with a signal that a round wants, at least 1
   * @param cap a round plays at most so many times its planned tasks, above 1 and at most 100
   */
  record Refilled(@JsonProperty("groups") int groups, @JsonProperty("cap") double cap)
      implements DynamicSampling {
    /** The cap that is used where a recipe names none. */
    public static final double DEFAULT_CAP = 3;

    /** No wave of further tasks is planned as if fewer of its groups would have a signal. */
    private static final double LEAST_SHARE = 0.125;

    /** Checks the ranges. */
    public Refilled {
      if (groups < 1) {
        throw new IllegalArgumentException(
            "groups with a signal must be at least 1, were %d; say how many a round wants"
                .formatted(groups));
      }
      if (!(cap > 1 && cap <= 100)) {
        throw new IllegalArgumentException(
            "cap must be above 1 and at most 100 times a round's tasks, was %s; with filtered a round plays no more of them"
                .formatted(cap));
      }
    }

    @JsonCreator
    static Refilled of(
        @JsonProperty("groups") @Nullable Integer groups,
        @JsonProperty("cap") @Nullable Double cap) {
      return new Refilled(
          Objects.requireNonNullElse(groups, 0), Objects.requireNonNullElse(cap, DEFAULT_CAP));
    }

    /** As many as should do, at the share of groups with a signal that was seen so far. */
    @Override
    public int further(int groupsWithSignal, int playedTasks, int tasksPerRound) {
      int missing = Math.max(0, groups - groupsWithSignal);
      double share = (double) groupsWithSignal / Math.max(1, playedTasks);
      return Math.clamp(
          (int) Math.ceil(missing / Math.max(share, LEAST_SHARE)),
          0,
          Math.max(0, most(tasksPerRound) - playedTasks));
    }

    @Override
    public int most(int tasksPerRound) {
      return (int) Math.floor(cap * tasksPerRound);
    }
  }
}
