package dev.tandem.rollout.testworld;

import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Books and what is to be done with them.
 *
 * @param kind what is asked for
 * @param balances of all accounts at the beginning
 * @param amount to be moved; 0 where nothing is to be
 */
record LedgerTask(
    Kind kind, SortedMap<String, Integer> balances, String from, String to, int amount) {
  private static final List<String> OWNERS =
      List.of("anna", "boris", "clara", "dimitri", "elena", "farid", "greta", "hugo");

  LedgerTask {
    balances = Collections.unmodifiableSortedMap(new TreeMap<>(balances));
  }

  enum Kind {
    /** Move an amount. */
    TRANSFER,
    /** Bring an account to a balance, which takes finding out what it has. */
    LEVEL,
    /** Say who has most. */
    REPORT
  }

  /** The task of an index, always the same one; kinds take turns. */
  static LedgerTask generate(int index) {
    SplittableRandom random = RandomStreams.stream(9, "ledger", index);
    Kind kind = Kind.values()[index % Kind.values().length];
    List<String> owners = new ArrayList<>(OWNERS);
    SortedMap<String, Integer> balances = new TreeMap<>();
    int accounts = random.nextInt(3, 6);
    for (int i = 0; i < accounts; i++) {
      // Residues differ, so that no two accounts hold the same.
      balances.put(owners.remove(random.nextInt(owners.size())), 10 + 8 * random.nextInt(12) + i);
    }
    List<String> names = List.copyOf(balances.keySet());
    String from = names.get(random.nextInt(names.size()));
    String to = names.get((names.indexOf(from) + 1) % names.size());
    int amount = kind == Kind.REPORT ? 0 : random.nextInt(1, balances.getOrDefault(from, 1));
    return new LedgerTask(kind, balances, from, to, amount);
  }

  String goal() {
    return switch (kind) {
      case TRANSFER -> "move %d from %s to %s, then say done".formatted(amount, from, to);
      case LEVEL ->
          "bring %s to exactly %d with money from %s, then say done"
              .formatted(to, balances.getOrDefault(to, 0) + amount, from);
      case REPORT -> "say whose account holds most";
    };
  }

  /** The balances that there must be in the end. */
  SortedMap<String, Integer> wanted() {
    SortedMap<String, Integer> wanted = new TreeMap<>(balances);
    wanted.merge(from, -amount, Integer::sum);
    wanted.merge(to, amount, Integer::sum);
    return wanted;
  }

  /** What must be said in the end. */
  String answer() {
    return kind == Kind.REPORT
        ? balances.entrySet().stream()
            .max(Comparator.comparingInt(Map.Entry::getValue))
            .map(Map.Entry::getKey)
            .orElseThrow()
        : "done";
  }
}
