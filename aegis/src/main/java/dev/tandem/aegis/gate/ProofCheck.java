package dev.tandem.aegis.gate;

import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.store.StoredEpisode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does a proof's sums again, from the episodes on disk and by the rule itself: every episode that
 * the proof names must be there and have the outcome it is said to have, and the rule, asked again
 * about these episodes, must come to the same numbers and the same answer.
 */
public final class ProofCheck {
  private static final HarnessConfig UNNAMED = new HarnessConfig(List.of());

  private final GateSettings settings;

  public ProofCheck(GateSettings settings) {
    this.settings = settings;
  }

  /** Where stored episodes come from. */
  @FunctionalInterface
  public interface Episodes {
    /** Everything that was played together with the first of these; empty if that is not there. */
    List<StoredEpisode> playedWith(PlayedBatch.Side side);
  }

  /**
   * What the episodes on disk do not bear out, a sentence each.
   *
   * @param reason of a rejection; null if the edit passed
   */
  public List<String> differences(Proof proof, @Nullable String reason, Episodes episodes) {
    if (proof.batches().isEmpty()) {
      return List.of("the proof names no episodes");
    }
    List<String> found = new ArrayList<>();
    Deque<RolloutResult> stored = new ArrayDeque<>();
    for (PlayedBatch batch : proof.batches()) {
      stored.add(load(batch.incumbent(), episodes, found));
      stored.add(load(batch.candidate(), episodes, found));
    }
    if (found.isEmpty()) {
      compare(proof, reason, stored, found);
    }
    return List.copyOf(found);
  }

  private static RolloutResult load(PlayedBatch.Side side, Episodes episodes, List<String> found) {
    List<StoredEpisode> stored =
        episodes.playedWith(side).stream().sorted(Comparator.comparing(StoredEpisode::id)).toList();
    if (stored.isEmpty()) {
      found.add("the episodes played with %s are not stored".formatted(side.first()));
    } else if (stored.size() != side.outcomes().length()) {
      found.add(
          "%d episodes are stored of those played with %s, and the ledger names %d"
              .formatted(stored.size(), side.first(), side.outcomes().length()));
    } else {
      for (int i = 0; i < stored.size(); i++) {
        compare(stored.get(i), side.harness(), side.outcomes().charAt(i), found);
      }
    }
    List<Trajectory> judged = new ArrayList<>();
    List<FailedEpisode> broken = new ArrayList<>();
    for (StoredEpisode episode : stored) {
      switch (episode) {
        case StoredEpisode.Judged(Trajectory trajectory) -> judged.add(trajectory);
        case StoredEpisode.Broken(FailedEpisode failure) -> broken.add(failure);
      }
    }
    return new RolloutResult(judged, broken);
  }

  private static void compare(
      StoredEpisode episode, String harness, char outcome, List<String> found) {
    if (!PlayedBatch.harnessOf(episode).equals(harness)) {
      found.add(
          "episode %s is stored as played under another harness than the ledger says"
              .formatted(episode.id()));
    }
    if (PlayedBatch.sign(episode) != outcome) {
      found.add(
          "episode %s is stored as %s and stands in the ledger as %s"
              .formatted(
                  episode.id(),
                  PlayedBatch.word(PlayedBatch.sign(episode)),
                  PlayedBatch.word(outcome)));
    }
  }

  /** The rule's own word on the stored episodes, against the ledger's. */
  private void compare(
      Proof proof, @Nullable String reason, Deque<RolloutResult> stored, List<String> found) {
    GateAnswer answer;
    try {
      answer = replayed(proof, stored);
    } catch (Exhausted e) {
      found.add("by the rule the test would not have ended with these episodes");
      return;
    } catch (IllegalStateException e) {
      found.add("the episodes stored do not pair: " + e.getMessage());
      return;
    }
    if (!stored.isEmpty()) {
      found.add("by the rule the test would have ended before the last of these episodes");
    }
    switch (answer) {
      case GateAnswer.Ship(Proof again) -> {
        if (reason != null) {
          found.add("by the rule the edit passes, and the ledger says it was rejected");
        }
        numbers(again, proof, found);
      }
      case GateAnswer.Fork(List<String> ignored, String why, Proof again) -> {
        if (!why.equals(reason)) {
          found.add("by the rule it forks: " + why);
        }
        numbers(again, proof, found);
      }
      case GateAnswer.Reject(Check ignored, String why, Proof again) -> {
        if (reason == null) {
          found.add("by the rule the edit is rejected, and the ledger says it passed: " + why);
        } else if (!reason.equals(why)) {
          found.add("the reason is \"%s\" by the rule".formatted(why));
        }
        if (again != null) {
          numbers(again, proof, found);
        }
      }
    }
  }

  private GateAnswer replayed(Proof proof, Deque<RolloutResult> stored) {
    return switch (proof.rule()) {
      case SEQUENTIAL -> sequential(proof, stored);
      case STRICT -> {
        Rehearsal rehearsal = new Stored(stored);
        PairedEpisodes first =
            new PairedEpisodes(rehearsal, UNNAMED, UNNAMED, 0, 0, ClusterSet.ALL);
        first.play(Math.min(settings.batch(), settings.strictTasks()));
        yield new StrictSeesaw(settings)
            .judge(first, new PairedEpisodes(rehearsal, UNNAMED, UNNAMED, 0, 1, ClusterSet.ALL));
      }
    };
  }

  private GateAnswer sequential(Proof proof, Deque<RolloutResult> stored) {
    Proof.Terms terms = proof.terms();
    if (terms == null) {
      throw new IllegalStateException("the proof does not say what the test began with");
    }
    BundleTest test = terms.test(settings.bundleTest(), proof.alpha());
    for (PlayedBatch batch : proof.batches()) {
      if (!(test.next() instanceof BundleAnswer.Play play)) {
        return Gate.answer(test.next(), terms);
      }
      List<PairOutcome> pairs = PairOutcome.of(stored.removeFirst(), stored.removeFirst());
      for (PairOutcome pair : pairs) {
        if (!terms.played().contains(pair.cluster())) {
          throw new IllegalStateException(
              "task %s is of a kind that the test is not about".formatted(pair.task()));
        }
      }
      int wanted = play.tasks() + play.extra().values().stream().mapToInt(Integer::intValue).sum();
      boolean asAsked =
          batch.chosen() ? play.tasks() == 0 && pairs.size() <= wanted : pairs.size() == wanted;
      if (!asAsked) {
        throw new IllegalStateException(
            "%d pairs where the rule asks for %d".formatted(pairs.size(), wanted));
      }
      test.record(batch.chosen() ? List.of() : pairs, batch.chosen() ? pairs : List.of());
    }
    return switch (test.next()) {
      case BundleAnswer.Play play when play.tasks() == 0 || terms.scope() != null ->
          Gate.answer(test.outOfTasks(), terms);
      case BundleAnswer.Play ignored -> throw new Exhausted();
      case BundleAnswer decided -> Gate.answer(decided, terms);
    };
  }

  /** Plays back what was stored. */
  private record Stored(Deque<RolloutResult> results) implements Rehearsal {
    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      if (results.isEmpty()) {
        throw new Exhausted();
      }
      return results.removeFirst();
    }

    @Override
    public String category(int task) {
      return "";
    }
  }

  /** The rule asks for more than was played. */
  private static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static void numbers(Proof again, Proof proof, List<String> found) {
    number("pairs", again.pairs(), proof.pairs(), found);
    number("wins", again.wins(), proof.wins(), found);
    number("losses", again.losses(), proof.losses(), found);
    number("e-value", again.eValue(), proof.eValue(), found);
    if (!again.categories().equals(proof.categories())) {
      found.add(
          "by category the episodes give %s and the ledger has %s"
              .formatted(again.categories(), proof.categories()));
    }
  }

  private static void number(String name, Number again, Number said, List<String> found) {
    if (!again.equals(said)) {
      found.add("the %s are %s by the episodes and %s in the ledger".formatted(name, again, said));
    }
  }
}
