package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.EditFamily;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.TriedEdit;
import java.util.List;

/** Keeps edits from being proposed over and over. */
final class Cooldown {
  private final Landscape landscape;
  private final int round;
  private final int rounds;
  private final List<TriedEdit> tried;

  Cooldown(Landscape landscape, MetaAgent.Brief brief) {
    this.landscape = landscape;
    this.round = brief.round();
    this.rounds = brief.cooldown();
    this.tried = brief.tried();
  }

  /**
   * Whether the option rests: it was tried not long ago and no evidence has come up since that asks
   * for it more loudly; or it would take out what has just been put in; or it is quarantined or a
   * person refused it.
   */
  boolean rests(EditSpace.Option option) {
    double addressed = landscape.addressed(option.addresses());
    return tried.stream()
        .anyMatch(earlier -> repeats(option, earlier, addressed) || undoes(option, earlier));
  }

  private boolean repeats(EditSpace.Option option, TriedEdit earlier, double addressed) {
    if (!earlier.edit().equals(option.edit())) {
      return false;
    }
    return earlier.fate() == TriedEdit.Fate.QUARANTINED
        || earlier.fate() == TriedEdit.Fate.DECLINED
        || (isRecent(earlier) && !hasNewEvidence(earlier, addressed));
  }

  private boolean isRecent(TriedEdit earlier) {
    return round - earlier.round() < rounds;
  }

  /** At least twice the failures, and at least two tasks' more. */
  private static boolean hasNewEvidence(TriedEdit earlier, double addressed) {
    return addressed >= 2 * earlier.addressed() && addressed >= earlier.addressed() + 2;
  }

  private boolean undoes(EditSpace.Option option, TriedEdit earlier) {
    return isRecent(earlier)
        && option.family().kind() == EditFamily.Kind.REMOVE
        && earlier.fate() == TriedEdit.Fate.SHIPPED
        && earlier.family().processor().equals(option.family().processor());
  }
}
