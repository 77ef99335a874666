package dev.tandem.aegis.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class GateTest {
  private static final HarnessEdit EDIT = new HarnessEdit.Insert(ProcessorSpec.of("guard"));
  private static final HarnessConfig EDITED = TestRegistry.BARE.apply(EDIT, TestRegistry.REGISTRY);
  private static final List<String> CHANGES =
      HarnessConfig.diff(TestRegistry.BARE, EDITED, TestRegistry.REGISTRY);
  private static final Rehearsal GAINING =
      new Simulation(3, (harness, category) -> harness.equals(EDITED) ? 0.9 : 0.4);

  private static Candidate candidate(
      HarnessEdit edit, HarnessConfig config, List<Anchor> evidence, List<String> changes) {
    return new Candidate(
        edit,
        config,
        new Manifest(
            "r0001-1",
            List.of(Manifest.Bucket.PROCESSOR),
            "stops repetition",
            evidence,
            changes,
            List.of("test/1"),
            List.of(),
            List.of(),
            new Signature("guard", true)),
        List.of(FailureCategory.REPEATED_ACTION),
        3,
        false);
  }

  private static final Candidate SOUND =
      candidate(EDIT, EDITED, List.of(new Anchor("t", 1)), CHANGES);

  private static Trajectory trace(ExitReason exit, String... acted) {
    return TestEpisodes.episode(
        "trace",
        TestEpisodes.task(Split.TRAIN, "place", 1),
        TestRegistry.hash(EDITED),
        true,
        List.of(),
        exit,
        List.of(),
        acted);
  }

  private static final List<Trajectory> FIRED = List.of(trace(ExitReason.FINISHED, "guard"));

  private static Gate gate(RedLines redLines) {
    return new Gate(GateSettings.DEFAULTS, TestRegistry.REGISTRY, redLines);
  }

  private static GateAnswer judge(
      Candidate candidate, RedLines redLines, List<Trajectory> traces, Rehearsal rehearsal) {
    return gate(redLines)
        .judge(TestRegistry.BARE, candidate, traces, rehearsal, GateAccount.OPENED)
        .answer();
  }

  private static void assertRejected(GateAnswer answer, Check check, String reason) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            GateAnswer.Reject.class,
            reject -> {
              assertThat(reject.check()).isEqualTo(check);
              assertThat(reject.reason()).contains(reason);
            });
  }

  @Test
  void shipsASoundEditWithItsProof() {
    GateAnswer answer = judge(SOUND, RedLines.NONE, FIRED, GAINING);

    assertThat(answer)
        .isInstanceOfSatisfying(
            GateAnswer.Ship.class,
            ship -> {
              assertThat(ship.proof().wins()).isGreaterThan(ship.proof().losses());
              assertThat(ship.proof().eValue()).isGreaterThanOrEqualTo(1 / ship.proof().alpha());
              assertThat(ship.proof().categories()).hasSize(4);
            });
  }

  @Test
  void rejectsAManifestWithoutEvidence() {
    assertRejected(
        judge(candidate(EDIT, EDITED, List.of(), CHANGES), RedLines.NONE, FIRED, GAINING),
        Check.MANIFEST,
        "no evidence");
  }

  @Test
  void rejectsAManifestThatHidesAChange() {
    HarnessConfig smuggled = HarnessConfig.of(ProcessorSpec.of("guard"));

    assertRejected(
        judge(
            candidate(EDIT, smuggled, List.of(new Anchor("t", 1)), CHANGES),
            RedLines.NONE,
            FIRED,
            GAINING),
        Check.MANIFEST,
        "not the incumbent with the edit applied");
    assertRejected(
        judge(
            candidate(EDIT, EDITED, List.of(new Anchor("t", 1)), List.of("nothing much")),
            RedLines.NONE,
            FIRED,
            GAINING),
        Check.MANIFEST,
        "not what the edit changes");
  }

  @Test
  void rejectsAnEditThatChangesNoBehaviour() {
    HarnessEdit same = new HarnessEdit.Replace(ProcessorSpec.of("renderer"));

    assertRejected(
        judge(
            candidate(same, TestRegistry.BARE, List.of(new Anchor("t", 1)), List.of()),
            RedLines.NONE,
            FIRED,
            GAINING),
        Check.CANONICAL_FORM,
        "behaves as the incumbent");
  }

  @Test
  void namesTheRedLineBeforeLaterFaults() {
    RedLines lines = RedLines.parse("forbidden_types: [guard]");

    assertRejected(
        judge(SOUND, lines, List.of(), GAINING), Check.RED_LINES, "'guard' is forbidden");
  }

  @Test
  void rejectsAnEditWhoseProcessorNeverActed() {
    assertRejected(
        judge(SOUND, RedLines.NONE, List.of(trace(ExitReason.FINISHED, "renderer")), GAINING),
        Check.BUILD_AND_SMOKE,
        "acted in 0 of 1 episodes");
  }

  @Test
  void rejectsAnEditThatBrokeAContract() {
    assertRejected(
        judge(SOUND, RedLines.NONE, List.of(trace(ExitReason.CONTRACT_BREACH, "guard")), GAINING),
        Check.BUILD_AND_SMOKE,
        "broke its contract");
  }

  @Test
  void rejectsAnEditThatGamesTheVerifier() {
    Rehearsal gaming =
        (harness, first, count, attempt) ->
            new RolloutResult(
                GAINING.run(harness, first, count, attempt).trajectories().stream()
                    .map(episode -> harness.equals(EDITED) ? gamed(episode) : episode)
                    .toList(),
                List.of());

    assertRejected(
        judge(SOUND, RedLines.NONE, FIRED, gaming), Check.REHEARSAL, "gaming the verifier");
  }

  private static Trajectory gamed(Trajectory episode) {
    return TestEpisodes.episode(
        episode.id(),
        episode.task(),
        episode.harnessHash(),
        true,
        List.of(),
        ExitReason.FINISHED,
        List.of("touched the verifier"),
        "guard");
  }

  private static RolloutResult failByCode(RolloutResult played) {
    List<Trajectory> first =
        List.of(
            TestEpisodes.episode(
                "gate-0",
                played.trajectories().getFirst().task(),
                played.trajectories().getFirst().harnessHash(),
                false,
                List.of(),
                ExitReason.CODE_FAILURE,
                List.of(),
                "guard"));
    return new RolloutResult(
        Stream.concat(first.stream(), played.trajectories().stream().skip(1)).toList(), List.of());
  }

  @Test
  void rejectsAnEditWhoseCodeFails() {
    Rehearsal failing =
        (harness, first, count, attempt) -> {
          RolloutResult played = GAINING.run(harness, first, count, attempt);
          return harness.equals(EDITED) ? failByCode(played) : played;
        };

    assertRejected(
        judge(SOUND, RedLines.NONE, FIRED, failing),
        Check.REHEARSAL,
        "code of the harness failed in 1 episodes, 0 under the incumbent; in gate-0");
  }

  @Test
  void doesNotBlameAnEditForCodeThatFailsUnderTheIncumbentToo() {
    Rehearsal failing =
        (harness, first, count, attempt) -> failByCode(GAINING.run(harness, first, count, attempt));

    assertThat(judge(SOUND, RedLines.NONE, FIRED, failing)).isInstanceOf(GateAnswer.Ship.class);
  }

  @Test
  void aBrokenEpisodeLeavesItsPairOut() {
    Rehearsal breaking =
        (harness, first, count, attempt) -> {
          RolloutResult sound = GAINING.run(harness, first, count, attempt);
          return harness.equals(EDITED) ? breakEveryFourth(sound) : sound;
        };

    assertThat(judge(SOUND, RedLines.NONE, FIRED, breaking))
        .isInstanceOfSatisfying(
            GateAnswer.Ship.class,
            ship -> {
              assertThat(ship.proof().categories()).hasSize(3);
              assertThat(ship.proof().wins()).isGreaterThan(ship.proof().losses());
            });
  }

  /** Episodes of every fourth task break; they are those of one category. */
  private static RolloutResult breakEveryFourth(RolloutResult sound) {
    List<Trajectory> kept = new ArrayList<>();
    List<FailedEpisode> broken = new ArrayList<>();
    for (Trajectory one : sound.trajectories()) {
      if (Integer.parseInt(one.task().id()) % 4 == 0) {
        broken.add(
            new FailedEpisode(
                one.id(),
                one.phase(),
                one.round(),
                one.task(),
                one.harnessHash(),
                one.checkpoint(),
                one.seed(),
                ExitReason.ENVIRONMENT_FAILURE,
                "the lights went out",
                2));
      } else {
        kept.add(one);
      }
    }
    return new RolloutResult(kept, broken);
  }

  @Test
  void rejectsAnEditWithoutGain() {
    Rehearsal useless = new Simulation(11, (harness, category) -> 0.5);

    assertRejected(judge(SOUND, RedLines.NONE, FIRED, useless), Check.SEESAW, "");
  }

  @Test
  void chargesTestsToTheAccountAndTakesFreshTasks() {
    Gate.Ruling first =
        gate(RedLines.NONE).judge(TestRegistry.BARE, SOUND, FIRED, GAINING, GateAccount.OPENED);
    Gate.Ruling unfit =
        gate(RedLines.NONE).judge(TestRegistry.BARE, SOUND, List.of(), GAINING, first.account());

    assertThat(first.account().tests()).isEqualTo(1);
    assertThat(first.account().ships()).isEqualTo(1);
    assertThat(first.account().nextTask()).isGreaterThanOrEqualTo(GateSettings.DEFAULTS.batch());
    assertThat(unfit.account()).isEqualTo(first.account());
  }
}
