package dev.tandem.aegis.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class GateTest {
  private static final HarnessConfig EDITED =
      TestRegistry.BARE.apply(
          new HarnessEdit.Insert(ProcessorSpec.of("guard")), TestRegistry.REGISTRY);

  private static final List<String> CHANGES =
      HarnessConfig.diff(TestRegistry.BARE, EDITED, TestRegistry.REGISTRY);

  private static final Rehearsal GAINING =
      new Simulation(3, (harness, category) -> TestRegistry.has(harness, "guard") ? 0.9 : 0.3);

  /** The screen expects forty points in each cluster, give or take ten. */
  private static final Proof.Terms TERMS =
      new Proof.Terms(
          0.8,
          ClusterEffects.of(
              new TreeMap<>(Map.of("place", 0.5, "two", 0.5)),
              new double[] {0.4, 0.4},
              new double[][] {{0.01, 0}, {0, 0.01}}),
          300);

  private static final Manifest SOUND = manifest(CHANGES);

  private static Manifest manifest(List<String> changes) {
    return new Manifest(
        "r0001-1",
        List.of(Manifest.Bucket.PROCESSOR),
        "stops repetition",
        3,
        List.of(new Anchor("t", 1)),
        changes,
        List.of(
            new Prediction(
                1, Assignment.REFERENCE, Assignment.REFERENCE, "", new Effect(0.4, 0.1))),
        List.of(new Signature("guard")));
  }

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
      HarnessConfig candidate,
      Manifest manifest,
      RedLines redLines,
      List<Trajectory> traces,
      Rehearsal rehearsal) {
    return gate(redLines)
        .judge(
            TestRegistry.BARE,
            candidate,
            manifest,
            traces::forEach,
            TERMS,
            rehearsal,
            GateAccount.OPENED)
        .answer();
  }

  private static GateAnswer judge(
      Manifest manifest, RedLines redLines, List<Trajectory> traces, Rehearsal rehearsal) {
    return judge(EDITED, manifest, redLines, traces, rehearsal);
  }

  /** A rehearsal whose episodes are tampered with. */
  private record Changed(
      Rehearsal sound, BiFunction<HarnessConfig, RolloutResult, RolloutResult> change)
      implements Rehearsal {
    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      return change.apply(harness, sound.run(harness, tasks, attempt));
    }

    @Override
    public String category(int task) {
      return sound.category(task);
    }
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
              assertThat(ship.proof().categories()).hasSize(2);
            });
  }

  @Test
  void rejectsAManifestThatHidesAChange() {
    HarnessConfig smuggled = HarnessConfig.of(ProcessorSpec.of("guard"));

    assertRejected(
        judge(smuggled, SOUND, RedLines.NONE, FIRED, GAINING),
        Check.MANIFEST,
        "not what the bundle changes");
    assertRejected(
        judge(manifest(List.of("nothing much")), RedLines.NONE, FIRED, GAINING),
        Check.MANIFEST,
        "not what the bundle changes");
  }

  @Test
  void rejectsABundleThatChangesNoBehaviour() {
    assertRejected(
        judge(TestRegistry.BARE, manifest(List.of()), RedLines.NONE, FIRED, GAINING),
        Check.CANONICAL_FORM,
        "behaves as the incumbent");
  }

  @Test
  void namesTheRedLineBeforeLaterFaults() {
    RedLines lines = RedLines.parse("forbidden_types: [guard]");

    assertRejected(
        judge(SOUND, lines, List.of(), GAINING), Check.RED_LINES, "'guard' is forbidden");
  }

  private static Trajectory triggered(Hook hook, String field) {
    Trajectory plain = trace(ExitReason.FINISHED);
    return new Trajectory(
        plain.id(),
        plain.phase(),
        plain.round(),
        plain.task(),
        plain.harnessHash(),
        plain.checkpoint(),
        plain.seed(),
        new Episode(
            List.of(),
            List.of(),
            List.of(new Trigger(0, hook, "guard", field)),
            ExitReason.FINISHED,
            ""),
        plain.verdict());
  }

  /** A processor that fails is passed over, which is on record as a trigger, too. */
  @Test
  void rejectsAnEditWhoseProcessorOnlyFailed() {
    assertRejected(
        judge(
            SOUND,
            RedLines.NONE,
            List.of(triggered(Hook.BEFORE_MODEL, "failure: no such name")),
            GAINING),
        Check.BUILD_AND_SMOKE,
        "'guard' acted in none of 1 episodes and failed in 1 of them");
  }

  @Test
  void rejectsAnEditWhoseProcessorActsWhenAllIsOver() {
    assertRejected(
        judge(SOUND, RedLines.NONE, List.of(triggered(Hook.TASK_END, "detail")), GAINING),
        Check.BUILD_AND_SMOKE,
        "acted in none of 1 episodes");
    assertThat(
            judge(SOUND, RedLines.NONE, List.of(triggered(Hook.BEFORE_MODEL, "messages")), GAINING))
        .isInstanceOf(GateAnswer.Ship.class);
  }

  @Test
  void rejectsAnEditWhoseProcessorNeverActed() {
    assertRejected(
        judge(SOUND, RedLines.NONE, List.of(trace(ExitReason.FINISHED, "renderer")), GAINING),
        Check.BUILD_AND_SMOKE,
        "acted in none of 1 episodes");
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
        new Changed(
            GAINING,
            (harness, played) ->
                new RolloutResult(
                    played.trajectories().stream()
                        .map(episode -> harness.equals(EDITED) ? gamed(episode) : episode)
                        .toList(),
                    List.of()));

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
        new Changed(
            GAINING, (harness, played) -> harness.equals(EDITED) ? failByCode(played) : played);

    assertRejected(
        judge(SOUND, RedLines.NONE, FIRED, failing),
        Check.REHEARSAL,
        "code of the harness failed in 1 episodes, 0 under the incumbent; in gate-0");
  }

  @Test
  void doesNotBlameAnEditForCodeThatFailsUnderTheIncumbentToo() {
    Rehearsal failing = new Changed(GAINING, (harness, played) -> failByCode(played));

    assertThat(judge(SOUND, RedLines.NONE, FIRED, failing)).isInstanceOf(GateAnswer.Ship.class);
  }

  @Test
  void aCandidateLosesByTheFailuresThatItHasMoreOf() {
    Rehearsal breaking =
        new Changed(
            GAINING,
            (harness, played) -> harness.equals(EDITED) ? breakEveryFourth(played) : played);

    assertThat(judge(SOUND, RedLines.NONE, FIRED, breaking))
        .isInstanceOfSatisfying(
            GateAnswer.Ship.class,
            ship -> {
              assertThat(ship.proof().pairs()).isLessThan(ship.proof().batches().size() * 40);
              assertThat(ship.proof().losses()).isGreaterThanOrEqualTo(10);
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
    Gate gate = gate(RedLines.NONE);
    Gate.Ruling first =
        gate.judge(
            TestRegistry.BARE, EDITED, SOUND, FIRED::forEach, TERMS, GAINING, GateAccount.OPENED);
    Gate.Ruling unfit =
        gate.judge(
            TestRegistry.BARE,
            EDITED,
            manifest(List.of()),
            FIRED::forEach,
            TERMS,
            GAINING,
            first.account());

    assertThat(first.account().tests()).isEqualTo(1);
    assertThat(first.account().ships()).isEqualTo(1);
    assertThat(first.account().nextTask()).isGreaterThanOrEqualTo(GateSettings.DEFAULTS.batch());
    assertThat(unfit.account()).isEqualTo(first.account());
  }
}
