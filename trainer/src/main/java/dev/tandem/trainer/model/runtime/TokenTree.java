package dev.tandem.trainer.model.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens of some rows, those that stand behind the same tokens once: rows that begin alike have
 * that beginning together, as a group's answers have their prompt and an episode's turns their
 * past.
 */
public final class TokenTree {
  private final Map<Long, Integer> children = new HashMap<>();
  private int size;

  /** How many different tokens there are by now. */
  int size() {
    return size;
  }

  /**
   * Adds a row.
   *
   * @return for each of its tokens the token here, numbered in the order in which they came
   */
  int[] add(int[] row) {
    int[] tokens = new int[row.length];
    int parent = -1;
    for (int i = 0; i < row.length; i++) {
      long edge = (long) parent << Integer.SIZE | row[i];
      Integer known = children.putIfAbsent(edge, size);
      if (known == null) {
        size++;
      }
      parent = known == null ? size - 1 : known;
      tokens[i] = parent;
    }
    return tokens;
  }

  /** How many different tokens rows have together. */
  static int size(List<int[]> rows) {
    TokenTree tree = new TokenTree();
    rows.forEach(tree::add);
    return tree.size();
  }

  /**
   * Puts rows in an order in which those that begin alike are neighbours, the more they have in
   * common the nearer, and the longest come first.
   *
   * @param chosen which of the rows
   */
  public static IntStream walk(List<int[]> rows, int[] chosen) {
    List<Integer> sorted =
        IntStream.of(chosen)
            .boxed()
            .sorted(Comparator.<Integer, int[]>comparing(rows::get, Arrays::compare))
            .toList();
    List<Integer> order = new ArrayList<>();
    walk(rows, sorted, order);
    return order.stream().mapToInt(Integer::intValue);
  }

  private static void walk(List<int[]> rows, List<Integer> sorted, List<Integer> order) {
    int common =
        sorted.isEmpty()
            ? -1
            : Arrays.mismatch(rows.get(sorted.getFirst()), rows.get(sorted.getLast()));
    if (common < 0) {
      order.addAll(sorted);
      return;
    }
    List<List<Integer>> branches = new ArrayList<>();
    int from = 0;
    for (int to = 1; to <= sorted.size(); to++) {
      if (to == sorted.size()
          || next(rows.get(sorted.get(to)), common) != next(rows.get(sorted.get(from)), common)) {
        branches.add(sorted.subList(from, to));
        from = to;
      }
    }
    branches.sort(
        Comparator.<List<Integer>>comparingInt(branch -> -longest(rows, branch))
            .thenComparing(branch -> Collections.min(branch)));
    branches.forEach(branch -> walk(rows, branch, order));
  }

  /** The token behind those in common, or -1 where a row has no more. */
  private static int next(int[] row, int common) {
    return common < row.length ? row[common] : -1;
  }

  private static int longest(List<int[]> rows, List<Integer> branch) {
    return branch.stream().mapToInt(row -> rows.get(row).length).max().orElseThrow();
  }
}
