package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The regressors: a column for every level but the reference, and for every noticed pair. */
final class Columns {
  private final List<Lever> levers;
  private final List<Pair> pairs;
  private final Map<Lever, Integer> places = new HashMap<>();

  private Columns(List<Lever> levers, List<Pair> pairs) {
    this.levers = List.copyOf(levers);
    this.pairs = List.copyOf(pairs);
    for (int i = 0; i < levers.size(); i++) {
      places.put(levers.get(i), i);
    }
  }

  /**
   * Two levers at once. The product is taken of what each indicator exceeds its usual value by, so
   * that a pair says next to nothing of the two levers' own effects.
   *
   * @param first index of a lever
   * @param second index of a lever of another factor
   */
  record Pair(int first, int second, double usualFirst, double usualSecond) {
    double value(double[] features) {
      return (features[first] - usualFirst) * (features[second] - usualSecond);
    }
  }

  static Columns of(Collection<Factor> factors) {
    List<Lever> levers = new ArrayList<>();
    for (Factor factor : factors) {
      for (String level : factor.levels().subList(1, factor.levels().size())) {
        levers.add(new Lever(factor.id(), level));
      }
    }
    return new Columns(levers, List.of());
  }

  Columns withPairs(List<Pair> more) {
    return new Columns(levers, more);
  }

  List<Lever> levers() {
    return levers;
  }

  List<Pair> pairs() {
    return pairs;
  }

  int count() {
    return levers.size() + pairs.size();
  }

  /** Regressors of an assignment; what it has of factors that are not ours is ignored. */
  double[] features(Assignment assignment) {
    double[] features = new double[count()];
    for (Lever lever : assignment.levers()) {
      Integer place = places.get(lever);
      if (place != null) {
        features[place] = 1;
      }
    }
    for (int i = 0; i < pairs.size(); i++) {
      features[levers.size() + i] = pairs.get(i).value(features);
    }
    return features;
  }
}
