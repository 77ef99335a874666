package dev.tandem.trainer.grpo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Members numbered by the group they belong to; groups are numbered by first appearance. */
@SuppressWarnings("ArrayRecordComponent") // lives within one call
record Grouping(int[] groupOfMember, int groups) {
  static Grouping by(List<?> keys) {
    Map<Object, Integer> numbers = new HashMap<>();
    int[] groupOfMember = new int[keys.size()];
    for (int member = 0; member < groupOfMember.length; member++) {
      Integer group = numbers.putIfAbsent(keys.get(member), numbers.size());
      groupOfMember[member] = group == null ? numbers.size() - 1 : group;
    }
    return new Grouping(groupOfMember, numbers.size());
  }

  /** Every member a group of its own. */
  static Grouping singly(int members) {
    int[] groupOfMember = new int[members];
    Arrays.setAll(groupOfMember, member -> member);
    return new Grouping(groupOfMember, members);
  }

  /** Number of members of each group: {@code [groups]}. */
  int[] sizes() {
    int[] sizes = new int[groups];
    for (int group : groupOfMember) {
      sizes[group]++;
    }
    return sizes;
  }

  /** Where each group starts when the groups lie end to end: {@code [groups + 1]}. */
  int[] offsets() {
    int[] offsets = new int[groups + 1];
    int[] sizes = sizes();
    for (int group = 0; group < groups; group++) {
      offsets[group + 1] = offsets[group] + sizes[group];
    }
    return offsets;
  }

  /**
   * The place of each member when the groups lie end to end: {@code [members]}; stable within a
   * group.
   */
  int[] places() {
    int[] next = offsets();
    int[] places = new int[groupOfMember.length];
    for (int member = 0; member < places.length; member++) {
      places[member] = next[groupOfMember[member]]++;
    }
    return places;
  }
}
