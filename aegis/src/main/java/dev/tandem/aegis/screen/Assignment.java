package dev.tandem.aegis.screen;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A harness version as far as the experiment is concerned: the level of each factor. Factors at
 * their reference are left out, so that equal versions are equal values; in JSON it is one object.
 *
 * @param levels by factor, none at its reference
 */
public record Assignment(@JsonValue SortedMap<String, String> levels)
    implements Comparable<Assignment> {
  /** Every factor at its reference. */
  public static final Assignment REFERENCE = new Assignment(new TreeMap<>());

  @JsonCreator
  public Assignment {
    levels = Collections.unmodifiableSortedMap(new TreeMap<>(levels));
  }

  public String level(Factor factor) {
    return levels.getOrDefault(factor.id(), factor.reference());
  }

  public boolean has(Lever lever) {
    return lever.level().equals(levels.get(lever.factor()));
  }

  /**
   * The same with one factor at another level.
   *
   * @throws IllegalArgumentException if the factor has no such level
   */
  public Assignment with(Factor factor, String level) {
    if (!factor.levels().contains(level)) {
      throw new IllegalArgumentException(
          "factor %s has the levels %s, not '%s'".formatted(factor.id(), factor.levels(), level));
    }
    SortedMap<String, String> changed = new TreeMap<>(levels);
    if (level.equals(factor.reference())) {
      changed.remove(factor.id());
    } else {
      changed.put(factor.id(), level);
    }
    return new Assignment(changed);
  }

  /** The levers that are switched on. */
  public List<Lever> levers() {
    return levels.entrySet().stream()
        .map(entry -> new Lever(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** What leads from here to another assignment, by factor. */
  public List<Change> changesTo(Assignment other, Collection<Factor> factors) {
    List<Change> changes = new ArrayList<>();
    for (Factor factor : factors) {
      if (!level(factor).equals(other.level(factor))) {
        changes.add(new Change(factor, level(factor), other.level(factor)));
      }
    }
    return changes;
  }

  /** One factor taken from one level to another. */
  public record Change(Factor factor, String from, String to) {
    public Assignment appliedTo(Assignment assignment) {
      return assignment.with(factor, to);
    }

    /** The level it leads to, which may be the reference. */
    public Lever lever() {
      return new Lever(factor.id(), to);
    }
  }

  @Override
  public int compareTo(Assignment other) {
    Iterator<Map.Entry<String, String>> others = other.levels.entrySet().iterator();
    for (Map.Entry<String, String> mine : levels.entrySet()) {
      if (!others.hasNext()) {
        return 1;
      }
      Map.Entry<String, String> theirs = others.next();
      int order = mine.getKey().compareTo(theirs.getKey());
      order = order != 0 ? order : mine.getValue().compareTo(theirs.getValue());
      if (order != 0) {
        return order;
      }
    }
    return others.hasNext() ? -1 : 0;
  }
}
