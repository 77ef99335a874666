package dev.tandem.aegis.critique;

import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.plan.EditFamily;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Fourth stage, never skipped: judges how a challenger did beside the incumbent, and which
 * candidate is to be the next challenger.
 */
public final class Critic {
  private static final int PORTFOLIO_ROUNDS = 3;
  private static final int PORTFOLIO_SHIPS = 2;
  private static final double PORTFOLIO_HIT_RATE = 0.4;

  private final double endorsement;

  /**
   * @param endorsement least chance, judged by the training episodes, that the challenger wins more
   *     tasks than it loses
   */
  public Critic(double endorsement) {
    this.endorsement = endorsement;
  }

  /** Judges a challenger by the tasks that both arms played in the same round. */
  public Assessment assess(
      Candidate challenger, List<Trajectory> incumbentArm, List<Trajectory> challengerArm) {
    return Trial.assess(challenger.manifest(), incumbentArm, challengerArm, endorsement);
  }

  /** The next challenger, or why there is none, and what the critic is worried about. */
  public record Choice(Optional<Candidate> challenger, String reason, List<Concern> concerns) {}

  /** A lever that keeps shipping and does not do what it promises. */
  public record Concern(EditFamily family, String reason) {}

  /**
   * Picks the next challenger: an exploratory candidate where one is due, otherwise the one with
   * the largest expected gain, which is the failing tasks it addresses times its reputation.
   *
   * @param round the present round
   */
  public Choice choose(
      List<Candidate> candidates,
      Landscape landscape,
      Reputations reputations,
      List<TriedEdit> tried,
      int round) {
    SequencedMap<EditFamily, Concern> concerns = new LinkedHashMap<>();
    List<Candidate> eligible = new ArrayList<>();
    for (Candidate candidate : candidates) {
      Optional<Concern> concern = concern(candidate.family(), tried, round);
      concern.ifPresent(found -> concerns.put(found.family(), found));
      if (concern.isEmpty()) {
        eligible.add(candidate);
      }
    }
    List<Concern> raised = List.copyOf(concerns.values());
    if (eligible.isEmpty()) {
      return new Choice(Optional.empty(), "no edit is left that might help", raised);
    }
    List<TaskDigest> regressions = landscape.regressions();
    if (!regressions.isEmpty()) {
      eligible.removeIf(
          candidate -> regressions.stream().noneMatch(task -> task.failsBy(candidate.targets())));
      if (eligible.isEmpty()) {
        return new Choice(
            Optional.empty(),
            "%d tasks have regressed, the first being %s, and no candidate addresses that"
                .formatted(regressions.size(), regressions.getFirst().task()),
            raised);
      }
    }
    Candidate best =
        eligible.stream()
            .max(
                Comparator.comparing(Candidate::exploratory)
                    .thenComparingDouble(
                        candidate -> expectedGain(candidate, landscape, reputations))
                    .thenComparing(Candidate::id, Comparator.reverseOrder()))
            .orElseThrow();
    return new Choice(
        Optional.of(best),
        best.exploratory()
            ? "drawn to learn what a change of structure does"
            : "expected to help %.1f tasks".formatted(expectedGain(best, landscape, reputations)),
        raised);
  }

  private static double expectedGain(
      Candidate candidate, Landscape landscape, Reputations reputations) {
    return candidate.targets().stream()
        .mapToDouble(
            failure ->
                landscape.weight(failure) * reputations.of(candidate.family(), failure).mean())
        .sum();
  }

  private static Optional<Concern> concern(EditFamily family, List<TriedEdit> tried, int round) {
    List<TriedEdit> ships =
        tried.stream()
            .filter(edit -> edit.fate() == TriedEdit.Fate.SHIPPED)
            .filter(edit -> edit.family().equals(family))
            .filter(edit -> round - edit.round() < PORTFOLIO_ROUNDS)
            .toList();
    int hits = ships.stream().mapToInt(TriedEdit::hits).sum();
    int predictions = ships.stream().mapToInt(TriedEdit::predictions).sum();
    return ships.size() >= PORTFOLIO_SHIPS && hits < PORTFOLIO_HIT_RATE * predictions
        ? Optional.of(
            new Concern(
                family,
                "'%s' shipped %d times in %d rounds and %d of its %d predictions came true"
                    .formatted(family.name(), ships.size(), PORTFOLIO_ROUNDS, hits, predictions)))
        : Optional.empty();
  }
}
