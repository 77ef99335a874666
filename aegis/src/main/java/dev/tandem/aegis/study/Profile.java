package dev.tandem.aegis.study;

import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What is planted. Each world also has levers that do nothing, some that harm, blunders that ruin
 * most episodes, and one that helps everywhere but in one cluster of ten, where it costs ten
 * points.
 */
public enum Profile {
  /** Four levers of 12 to 5 points. */
  FEW_STRONG,
  /** Ten levers of 3 points. */
  MANY_WEAK,
  /** Factors of several levels, two levers of use only together, two that do the same. */
  INTERACTIONS,
  /** Nothing helps but a lever of 8 points that costs one cluster 10. */
  CONFINED;

  private static final int CLUSTERS = 10;
  private static final double CLUSTER_SPREAD = 0.4;
  private static final double LUCK = 0.1;

  /** A world of this kind. */
  World world(long seed) {
    Builder builder = new Builder(RandomStreams.stream(seed, name()));
    switch (this) {
      case FEW_STRONG -> {
        builder.levers("strong", 12, 9, 7, 5).levers("idle", 0, 0, 0, 0, 0, 0);
        builder.levers("harm", -3, -5, -8).levers("blunder", -30, -45);
      }
      case MANY_WEAK -> {
        builder.levers("weak", 3, 3, 3, 3, 3, 3, 3, 3, 3, 3).levers("idle", 0, 0, 0);
        builder.levers("harm", -3, -6).levers("blunder", -40);
      }
      case INTERACTIONS -> {
        builder.factor("attempts", 4, 9, 6).factor("window", -8, 5).factor("note", 2, 5, -4);
        builder.levers("solo", 4).levers("key", 0).levers("lock", 0).together("key", "lock", 8);
        builder.levers("guard", 6).levers("fence", 6).together("guard", "fence", -6);
        builder.levers("idle", 0, 0, 0).levers("harm", -5).levers("blunder", -40);
      }
      case CONFINED ->
          builder.levers("idle", 0, 0, 0, 0, 0, 0).levers("harm", -5, -3).levers("blunder", -40);
    }
    return builder.confined("confined", this == CONFINED ? 8 : 5, -11).build(seed);
  }

  private static final class Builder {
    private final SplittableRandom random;
    private final List<Factor> factors = new ArrayList<>();
    private final Map<Lever, Double> effects = new HashMap<>();
    private final Map<Lever, World.ClusterEffect> inCluster = new HashMap<>();
    private final List<World.Pair> together = new ArrayList<>();
    private final List<Lever> confined = new ArrayList<>();

    Builder(SplittableRandom random) {
      this.random = random;
    }

    /** One lever for each number of points. */
    Builder levers(String name, double... points) {
      for (int i = 0; i < points.length; i++) {
        factor(points.length == 1 ? name : name + (i + 1), points[i]);
      }
      return this;
    }

    /** A factor with these levels besides the reference. */
    Builder factor(String name, double... points) {
      List<String> levels = new ArrayList<>(List.of("off"));
      for (int i = 0; i < points.length; i++) {
        String level = points.length == 1 ? "on" : "on" + (i + 1);
        levels.add(level);
        effects.put(new Lever(name, level), World.POINT * points[i] * luck());
      }
      factors.add(new Factor(name, levels));
      return this;
    }

    Builder together(String first, String second, double points) {
      together.add(
          new World.Pair(
              new Lever(first, "on"), new Lever(second, "on"), World.POINT * points * luck()));
      return this;
    }

    Builder confined(String name, double elsewhere, double there) {
      Lever lever = new Lever(name, "on");
      factors.add(Factor.toggle(name));
      effects.put(lever, World.POINT * elsewhere);
      inCluster.put(
          lever,
          new World.ClusterEffect(
              cluster(random.nextInt(CLUSTERS)), World.POINT * (there - elsewhere)));
      confined.add(lever);
      return this;
    }

    private double luck() {
      return 1 + LUCK * random.nextGaussian();
    }

    private static String cluster(int index) {
      return "cluster" + index;
    }

    World build(long seed) {
      SortedMap<String, Double> ease = new TreeMap<>();
      for (int i = 0; i < CLUSTERS; i++) {
        ease.put(cluster(i), CLUSTER_SPREAD * random.nextGaussian());
      }
      return new World(seed, factors, -0.25, ease, effects, inCluster, together, confined);
    }
  }
}
