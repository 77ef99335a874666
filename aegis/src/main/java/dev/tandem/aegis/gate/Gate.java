package dev.tandem.aegis.gate;

import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Last stage, never skipped: a fixed order of checks, of which the first that fails is the reason
 * of the rejection. It is a function of the candidate and of the episodes played; no model has a
 * say.
 */
public final class Gate {
  private final GateSettings settings;
  private final Admission admission;
  private final ProcessorRegistry registry;

  public Gate(GateSettings settings, ProcessorRegistry registry, RedLines redLines) {
    this.settings = settings;
    this.registry = registry;
    this.admission = new Admission(registry, redLines);
  }

  /**
   * The answer, and what it cost.
   *
   * @param pairs every pair that was played, which are evidence like any other
   */
  public record Ruling(GateAnswer answer, GateAccount account, List<PairOutcome> pairs) {
    public Ruling {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * Judges a candidate against the incumbent.
   *
   * @param traces training episodes of harnesses with any of the candidate's changes
   * @param terms what the seesaw begins with
   * @param account what earlier tests have spent
   */
  public Ruling judge(
      HarnessConfig incumbent,
      HarnessConfig candidate,
      Manifest manifest,
      Trajectories traces,
      Proof.Terms terms,
      Rehearsal rehearsal,
      GateAccount account) {
    Optional<GateAnswer.Reject> unfit =
        checkManifest(incumbent, candidate, manifest)
            .or(() -> rejected(Check.CANONICAL_FORM, admission.canonicalForm(incumbent, candidate)))
            .or(() -> rejected(Check.RED_LINES, admission.redLines(incumbent, candidate)))
            .or(() -> rejected(Check.BUILD_AND_SMOKE, admission.compilation(candidate)))
            .or(() -> checkEpisodes(Check.BUILD_AND_SMOKE, manifest, traces));
    return unfit.isPresent()
        ? new Ruling(unfit.get(), account, List.of())
        : rehearse(incumbent, candidate, manifest, terms, rehearsal, account);
  }

  private Optional<GateAnswer.Reject> checkManifest(
      HarnessConfig incumbent, HarnessConfig candidate, Manifest manifest) {
    if (manifest.id().isBlank() || manifest.capability().isBlank()) {
      return reject(Check.MANIFEST, "the manifest has no id or says no capability");
    }
    if (manifest.buckets().isEmpty()) {
      return reject(Check.MANIFEST, "the manifest names no bucket");
    }
    if (manifest.predictions().isEmpty()) {
      return reject(Check.MANIFEST, "the manifest predicts nothing");
    }
    return manifest.changes().equals(HarnessConfig.diff(incumbent, candidate, registry))
        ? Optional.empty()
        : reject(Check.MANIFEST, "the manifest's changes are not what the bundle changes");
  }

  private static Optional<GateAnswer.Reject> rejected(
      Check check, Optional<Admission.Refusal> refusal) {
    return refusal.flatMap(refused -> reject(check, refused.reason()));
  }

  /** Contracts held, and every signature seen; no episodes at all say nothing. */
  private static Optional<GateAnswer.Reject> checkEpisodes(
      Check check, Manifest manifest, Trajectories episodes) {
    Smoke smoke = Smoke.of(episodes);
    if (smoke.breach().isPresent()) {
      return reject(check, smoke.breach().get());
    }
    for (Signature signature : manifest.signatures()) {
      if (smoke.episodes() > 0 && !signature.shownBy(smoke.acted())) {
        int failed = smoke.failed(signature.processor());
        return reject(
            check,
            failed > 0
                ? "processor '%s' acted in none of %d episodes and failed in %d of them: it does not run"
                    .formatted(signature.processor(), smoke.episodes(), failed)
                : "processor '%s' acted in none of %d episodes, so that nothing can be its doing"
                    .formatted(signature.processor(), smoke.episodes()));
      }
    }
    return Optional.empty();
  }

  private Ruling rehearse(
      HarnessConfig incumbent,
      HarnessConfig candidate,
      Manifest manifest,
      Proof.Terms terms,
      Rehearsal rehearsal,
      GateAccount account) {
    boolean sequential = settings.seesaw() == Seesaw.SEQUENTIAL;
    int firstTask = sequential ? account.nextTask() : 0;
    PairedEpisodes episodes =
        new PairedEpisodes(rehearsal, incumbent, candidate, firstTask, 0, terms.played());
    List<PairOutcome> first =
        episodes.play(
            sequential
                ? Math.min(settings.batch(), terms.pairs())
                : Math.min(settings.batch(), settings.strictTasks()));
    Optional<GateAnswer.Reject> failed =
        first.isEmpty()
            ? reject(
                Check.REHEARSAL,
                "there are not enough gate tasks of the kinds that it is meant for")
            : checkRehearsal(manifest, episodes);
    if (failed.isPresent()) {
      return new Ruling(
          failed.get(),
          account.afterTasks(sequential ? episodes.played() : 0),
          episodes.outcomes());
    }
    return switch (settings.seesaw()) {
      case SEQUENTIAL -> {
        double level = account.nextLevel(settings.alpha());
        GateAnswer answer = sequential(terms, level, first, episodes);
        yield ruling(
            answer.from(episodes.batches()),
            account.afterTasks(episodes.played()),
            episodes.outcomes());
      }
      case STRICT -> {
        PairedEpisodes again =
            new PairedEpisodes(rehearsal, incumbent, candidate, firstTask, 1, terms.played());
        GateAnswer answer = new StrictSeesaw(settings).judge(episodes, again);
        List<PlayedBatch> batches = new ArrayList<>(episodes.batches());
        batches.addAll(again.batches());
        List<PairOutcome> outcomes = new ArrayList<>(episodes.outcomes());
        outcomes.addAll(again.outcomes());
        yield ruling(answer.from(batches), account, outcomes);
      }
    };
  }

  /** Plays what the test asks for, the first batch having been played, until it has decided. */
  private GateAnswer sequential(
      Proof.Terms terms, double level, List<PairOutcome> first, PairedEpisodes episodes) {
    BundleTest test = terms.test(settings.bundleTest(), level);
    test.record(first, List.of());
    while (true) {
      switch (test.next()) {
        case BundleAnswer.Play play when play.extra().isEmpty() -> {
          List<PairOutcome> next = episodes.play(play.tasks());
          if (next.isEmpty()) {
            return answer(test.outOfTasks(), terms);
          }
          test.record(next, List.of());
        }
        case BundleAnswer.Play play -> {
          List<PairOutcome> chosen = episodes.play(play.extra());
          if (chosen.isEmpty()) {
            return answer(test.outOfTasks(), terms);
          }
          test.record(List.of(), chosen);
        }
        case BundleAnswer decided -> {
          return answer(decided, terms);
        }
      }
    }
  }

  /** A test's last word as the gate's. */
  static GateAnswer answer(BundleAnswer decided, Proof.Terms terms) {
    return switch (decided) {
      case BundleAnswer.Ship(BundleProof proof) -> new GateAnswer.Ship(Proof.of(proof, terms));
      case BundleAnswer.Fork(List<String> harmed, BundleProof proof) ->
          new GateAnswer.Fork(
              harmed,
              "it is likely to harm %s and to help others".formatted(String.join(", ", harmed)),
              Proof.of(proof, terms));
      case BundleAnswer.Reject(var ignored, String reason, BundleProof proof) ->
          new GateAnswer.Reject(Check.SEESAW, reason, Proof.of(proof, terms));
      case BundleAnswer.Play ignored ->
          throw new IllegalArgumentException("a test that goes on has no answer");
    };
  }

  private static Ruling ruling(GateAnswer answer, GateAccount account, List<PairOutcome> pairs) {
    return new Ruling(answer, account.afterTest(answer instanceof GateAnswer.Ship), pairs);
  }

  private static Optional<GateAnswer.Reject> checkRehearsal(
      Manifest manifest, PairedEpisodes episodes) {
    List<Trajectory> played =
        episodes.pairs().stream().map(PairedEpisodes.Pair::candidate).toList();
    List<Trajectory> before =
        episodes.pairs().stream().map(PairedEpisodes.Pair::incumbent).toList();
    List<Trajectory> failed = failedByCode(played);
    if (failed.size() > failedByCode(before).size()) {
      return reject(
          Check.REHEARSAL,
          "code of the harness failed in %d episodes, %d under the incumbent; in %s: %s"
              .formatted(
                  failed.size(),
                  failedByCode(before).size(),
                  failed.getFirst().id(),
                  failed.getFirst().episode().detail()));
    }
    long gamed = exploits(played);
    long gamedBefore = exploits(before);
    if (gamed > gamedBefore) {
      return reject(
          Check.REHEARSAL,
          "%d episodes show signs of gaming the verifier, %d under the incumbent"
              .formatted(gamed, gamedBefore));
    }
    return checkEpisodes(Check.REHEARSAL, manifest, played::forEach);
  }

  /**
   * The harness's own fault, unlike what fails around it; the incumbent may have such code, too.
   */
  private static List<Trajectory> failedByCode(List<Trajectory> episodes) {
    return episodes.stream()
        .filter(one -> one.episode().exitReason() == ExitReason.CODE_FAILURE)
        .toList();
  }

  private static long exploits(List<Trajectory> episodes) {
    return episodes.stream().filter(one -> !one.verdict().exploitFlags().isEmpty()).count();
  }

  private static Optional<GateAnswer.Reject> reject(Check check, String reason) {
    return Optional.of(new GateAnswer.Reject(check, reason, null));
  }
}
