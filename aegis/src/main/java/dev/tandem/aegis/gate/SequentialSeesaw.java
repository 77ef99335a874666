package dev.tandem.aegis.gate;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Decides by evidence, batch by batch. A gain overall must be shown at the test's level. A task
 * category that is shown to be worse ends the test at once; one that has lost more often than it
 * won may be, and keeps the test going to its end even after the gain has been shown. A test that
 * has hardly a chance left to show a gain is given up.
 */
final class SequentialSeesaw {
  private final GateSettings settings;
  private final double level;
  private double gainShown;

  /**
   * @param level of the test for a gain
   */
  SequentialSeesaw(GateSettings settings, double level) {
    this.settings = settings;
    this.level = level;
  }

  /** Plays until the matter is decided; the first batch may have been played already. */
  GateAnswer judge(PairedEpisodes episodes) {
    if (episodes.played() == 0) {
      episodes.play(settings.batch());
    }
    while (true) {
      Optional<GateAnswer> answer = look(episodes);
      if (answer.isPresent()) {
        return answer.get();
      }
      episodes.play(Math.min(settings.batch(), settings.maximumPairs() - episodes.played()));
    }
  }

  private Optional<GateAnswer> look(PairedEpisodes episodes) {
    Tally all = Tally.of(episodes.pairs());
    SortedMap<String, Tally> categories = Tally.byCategory(episodes.pairs());
    double categoryLevel = settings.inferiorityAlpha() / Math.max(1, categories.size());
    for (Map.Entry<String, Tally> category : categories.entrySet()) {
      Tally tally = category.getValue();
      if (SignTest.rejects(tally.losses(), tally.wins(), categoryLevel)) {
        return reject(
            "tasks of category %s got worse: %d lost, %d won in %d pairs"
                .formatted(category.getKey(), tally.losses(), tally.wins(), tally.pairs()),
            all,
            categories);
      }
    }
    if (gainShown == 0 && SignTest.rejects(all.wins(), all.losses(), level)) {
      gainShown = Math.exp(SignTest.logCapital(all.wins(), all.losses()));
    }
    int left = settings.maximumPairs() - episodes.played();
    if (gainShown > 0) {
      boolean suspicion = categories.values().stream().anyMatch(one -> one.losses() > one.wins());
      return suspicion && left > 0
          ? Optional.empty()
          : Optional.of(new GateAnswer.Ship(proof(all, categories)));
    }
    if (left <= 0) {
      return reject(
          "no gain was shown: %d won, %d lost in %d pairs"
              .formatted(all.wins(), all.losses(), all.pairs()),
          all,
          categories);
    }
    return isFutile(all, left)
        ? reject(
            "a gain is out of reach: %d won, %d lost in the first %d pairs"
                .formatted(all.wins(), all.losses(), all.pairs()),
            all,
            categories)
        : Optional.empty();
  }

  /** Whether the pairs left, discordant as often as those before, will hardly show a gain. */
  private boolean isFutile(Tally all, int left) {
    int discordant = all.wins() + all.losses();
    int expected = (int) Math.ceil(left * (discordant + 1.0) / (all.pairs() + 2.0));
    return SignTest.chanceToReject(all.wins(), all.losses(), expected, level) < settings.futility();
  }

  private Optional<GateAnswer> reject(
      String reason, Tally all, SortedMap<String, Tally> categories) {
    return Optional.of(new GateAnswer.Reject(Check.SEESAW, reason, proof(all, categories)));
  }

  private Proof proof(Tally all, SortedMap<String, Tally> categories) {
    double now = Math.exp(SignTest.logCapital(all.wins(), all.losses()));
    List<Proof.CategoryProof> parts =
        categories.entrySet().stream()
            .map(entry -> entry.getValue().worse(entry.getKey()))
            .toList();
    return new Proof(
        Seesaw.SEQUENTIAL,
        all.pairs(),
        all.wins(),
        all.losses(),
        gainShown > 0 ? gainShown : now,
        level,
        parts);
  }
}
