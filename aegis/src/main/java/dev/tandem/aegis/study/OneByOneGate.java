package dev.tandem.aegis.study;

import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.gate.PairOutcome;
import dev.tandem.aegis.gate.PairOutcome.Outcome;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.gate.SignTest;
import dev.tandem.aegis.screen.Assignment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The rules for single edits that the new ones are held against: the sequential seesaw, which
 * rejects harm only where it is proven, and the strict one, which forgives nothing.
 */
final class OneByOneGate {
  private static final OneByOneSettings SETTINGS = OneByOneSettings.DEFAULTS;

  private final Seesaw seesaw;
  private final Play play;
  private GateAccount account = GateAccount.OPENED;

  OneByOneGate(Seesaw seesaw, Play play) {
    this.seesaw = seesaw;
    this.play = play;
  }

  /** Whether it ships, and what the test cost. */
  record Ruling(boolean ships, int episodes) {}

  Ruling judge(Assignment incumbent, Assignment candidate) {
    return switch (seesaw) {
      case STRICT -> strict(incumbent, candidate);
      case SEQUENTIAL -> {
        double level = account.nextLevel(SETTINGS.alpha());
        Ruling ruling = sequential(incumbent, candidate, level);
        account = account.afterTest(ruling.ships);
        yield ruling;
      }
    };
  }

  /** No task solved in one of two attempts may be lost in both. */
  private Ruling strict(Assignment incumbent, Assignment candidate) {
    int lost = 0;
    for (StudyTask task : play.gateTasks(SETTINGS.strictTasks())) {
      boolean before =
          play.gate(task, incumbent, "first before") || play.gate(task, incumbent, "second before");
      boolean after =
          play.gate(task, candidate, "first after") || play.gate(task, candidate, "second after");
      lost += before && !after ? 1 : 0;
    }
    return new Ruling(lost == 0, 4 * SETTINGS.strictTasks());
  }

  private Ruling sequential(Assignment incumbent, Assignment candidate, double level) {
    List<PairOutcome> pairs = new ArrayList<>();
    boolean shown = false;
    while (true) {
      int left = SETTINGS.maximumPairs() - pairs.size();
      if (!pairs.isEmpty()) {
        Tally all = new Tally();
        SortedMap<String, Tally> clusters = new TreeMap<>();
        for (PairOutcome pair : pairs) {
          all.add(pair);
          clusters.computeIfAbsent(pair.cluster(), key -> new Tally()).add(pair);
        }
        double each = SETTINGS.inferiorityAlpha() / clusters.size();
        if (clusters.values().stream()
            .anyMatch(one -> SignTest.rejects(one.losses, one.wins, each))) {
          return new Ruling(false, 2 * pairs.size());
        }
        shown |= SignTest.rejects(all.wins, all.losses, level);
        boolean suspicion = clusters.values().stream().anyMatch(one -> one.losses > one.wins);
        if (shown && !(suspicion && left > 0)) {
          return new Ruling(true, 2 * pairs.size());
        }
        if (left <= 0 || (!shown && isFutile(all, pairs.size(), left, level))) {
          return new Ruling(false, 2 * pairs.size());
        }
      }
      pairs.addAll(play.pairs(incumbent, candidate, Math.min(SETTINGS.batch(), left)));
    }
  }

  private static boolean isFutile(Tally all, int pairs, int left, double level) {
    int expected = (int) Math.ceil(left * (all.wins + all.losses + 1.0) / (pairs + 2.0));
    return SignTest.chanceToReject(all.wins, all.losses, expected, level) < SETTINGS.futility();
  }

  private static final class Tally {
    private int wins;
    private int losses;

    void add(PairOutcome pair) {
      boolean before = pair.incumbent() == Outcome.SOLVED;
      boolean after = pair.candidate() == Outcome.SOLVED;
      wins += after && !before ? 1 : 0;
      losses += before && !after ? 1 : 0;
    }
  }
}
