package dev.tandem.aegis.screen;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Some kinds of task: these alone, or all but these, those not seen yet included.
 *
 * @param only whether the names are those that are meant, or those that are not
 */
public record ClusterSet(boolean only, SortedSet<String> names) {
  public static final ClusterSet ALL = except(new TreeSet<>());

  public ClusterSet {
    names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
  }

  public static ClusterSet only(Collection<String> names) {
    return new ClusterSet(true, new TreeSet<>(names));
  }

  public static ClusterSet except(Collection<String> names) {
    return new ClusterSet(false, new TreeSet<>(names));
  }

  public boolean contains(String cluster) {
    return only == names.contains(cluster);
  }
}
