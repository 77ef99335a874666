package dev.tandem.aegis.gate;

import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fifth stage, never skipped: a fixed order of checks, of which the first that fails is the reason
 * of the rejection. It is a function of the candidate and of the episodes played; no model has a
 * say.
 */
public final class Gate {
  private final GateSettings settings;
  private final ProcessorRegistry registry;
  private final Admission admission;

  public Gate(GateSettings settings, ProcessorRegistry registry, RedLines redLines) {
    this.settings = settings;
    this.registry = registry;
    this.admission = new Admission(registry, redLines);
  }

  /** The answer, and what it cost. */
  public record Ruling(GateAnswer answer, GateAccount account) {}

  /**
   * Judges a candidate against the incumbent.
   *
   * @param traces the candidate's training episodes
   * @param account what earlier tests have spent
   */
  public Ruling judge(
      HarnessConfig incumbent,
      Candidate candidate,
      List<Trajectory> traces,
      Rehearsal rehearsal,
      GateAccount account) {
    Optional<GateAnswer.Reject> unfit =
        checkManifest(incumbent, candidate)
            .or(
                () ->
                    rejected(
                        Check.CANONICAL_FORM,
                        admission.canonicalForm(incumbent, candidate.config())))
            .or(() -> rejected(Check.RED_LINES, admission.redLines(incumbent, candidate.config())))
            .or(() -> checkBuildAndSmoke(candidate, traces));
    return unfit.isPresent()
        ? new Ruling(unfit.get(), account)
        : rehearse(incumbent, candidate, rehearsal, account);
  }

  private Optional<GateAnswer.Reject> checkManifest(HarnessConfig incumbent, Candidate candidate) {
    Manifest manifest = candidate.manifest();
    if (manifest.id().isBlank() || manifest.capability().isBlank()) {
      return reject(Check.MANIFEST, "the manifest has no id or says no capability");
    }
    if (manifest.buckets().isEmpty()) {
      return reject(Check.MANIFEST, "the manifest names no bucket");
    }
    if (manifest.evidence().isEmpty()) {
      return reject(Check.MANIFEST, "the manifest has no evidence");
    }
    try {
      if (!candidate.config().equals(incumbent.apply(candidate.edit(), registry))) {
        return reject(Check.MANIFEST, "the harness is not the incumbent with the edit applied");
      }
      return manifest.changes().equals(HarnessConfig.diff(incumbent, candidate.config(), registry))
          ? Optional.empty()
          : reject(Check.MANIFEST, "the manifest's changes are not what the edit changes");
    } catch (HarnessException e) {
      return reject(Check.MANIFEST, "the edit does not apply to the incumbent: " + e.getMessage());
    }
  }

  private static Optional<GateAnswer.Reject> rejected(
      Check check, Optional<Admission.Refusal> refusal) {
    return refusal.flatMap(refused -> reject(check, refused.reason()));
  }

  private Optional<GateAnswer.Reject> checkBuildAndSmoke(
      Candidate candidate, List<Trajectory> traces) {
    return rejected(Check.BUILD_AND_SMOKE, admission.compilation(candidate.config()))
        .or(() -> checkEpisodes(Check.BUILD_AND_SMOKE, candidate, traces));
  }

  /** Contracts held, and the signature seen. */
  private static Optional<GateAnswer.Reject> checkEpisodes(
      Check check, Candidate candidate, List<Trajectory> episodes) {
    Optional<Trajectory> breach =
        episodes.stream()
            .filter(one -> one.episode().exitReason() == ExitReason.CONTRACT_BREACH)
            .findFirst();
    if (breach.isPresent()) {
      return reject(
          check,
          "a processor broke its contract in %s: %s"
              .formatted(breach.get().id(), breach.get().episode().detail()));
    }
    return candidate.manifest().signature().shownBy(episodes)
        ? Optional.empty()
        : reject(
            check,
            "processor '%s' acted in %d of %d episodes, which is not the edit's signature"
                .formatted(
                    candidate.manifest().signature().processor(),
                    candidate.manifest().signature().fired(episodes),
                    episodes.size()));
  }

  private Ruling rehearse(
      HarnessConfig incumbent, Candidate candidate, Rehearsal rehearsal, GateAccount account) {
    boolean sequential = settings.seesaw() == Seesaw.SEQUENTIAL;
    int firstTask = sequential ? account.nextTask() : 0;
    PairedEpisodes episodes =
        new PairedEpisodes(rehearsal, incumbent, candidate.config(), firstTask, 0);
    episodes.play(
        sequential ? settings.batch() : Math.min(settings.batch(), settings.strictTasks()));
    Optional<GateAnswer.Reject> failed = checkRehearsal(candidate, episodes);
    if (failed.isPresent()) {
      return new Ruling(failed.get(), account.afterTasks(sequential ? episodes.played() : 0));
    }
    return switch (settings.seesaw()) {
      case SEQUENTIAL -> {
        double level = account.nextLevel(settings.alpha());
        GateAnswer answer = new SequentialSeesaw(settings, level).judge(episodes);
        yield ruling(answer.from(episodes.batches()), account.afterTasks(episodes.played()));
      }
      case STRICT -> {
        PairedEpisodes again =
            new PairedEpisodes(rehearsal, incumbent, candidate.config(), firstTask, 1);
        GateAnswer answer = new StrictSeesaw(settings).judge(episodes, again);
        List<PlayedBatch> batches = new ArrayList<>(episodes.batches());
        batches.addAll(again.batches());
        yield ruling(answer.from(batches), account);
      }
    };
  }

  private static Ruling ruling(GateAnswer answer, GateAccount account) {
    return new Ruling(answer, account.afterTest(answer instanceof GateAnswer.Ship));
  }

  private static Optional<GateAnswer.Reject> checkRehearsal(
      Candidate candidate, PairedEpisodes episodes) {
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
    return checkEpisodes(Check.REHEARSAL, candidate, played);
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
