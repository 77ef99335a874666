package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantSettings;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.store.StoredEpisode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mix of tasks that no single harness is best for. */
final class VariantsTest {
  private static final List<String> HELPED = List.of("clean", "cool", "heat");
  private static final List<String> CLUSTERS =
      List.of("clean", "look", "cool", "place", "heat", "two");

  /** The guard helps three kinds of task by 25 points and harms three by 25. */
  private static final Simulation.Chance CONFLICT =
      (harness, category) ->
          !TestRegistry.has(harness, "guard") ? 0.45 : HELPED.contains(category) ? 0.7 : 0.2;

  private static final AegisState START = AegisState.initial(TestRegistry.BARE);
  private static final AegisSettings FORKING = AegisSettings.DEFAULTS;
  private static final AegisSettings ALONE = FORKING.with(new VariantSettings(1, 0.05, 0.35));

  @TempDir private Path folder;

  private record Run(AegisState state, List<Decision> decisions, String ledger) {
    <T extends Decision> List<T> decisions(Class<T> kind) {
      return decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private Run run(
      String name,
      AegisSettings settings,
      AegisState from,
      int first,
      int last,
      Simulation.Chance chance)
      throws IOException {
    TestRounds rounds = new TestRounds(chance, 7, Set.of(), CLUSTERS);
    Path path = folder.resolve(name);
    AegisState state = from;
    List<Decision> decisions = new ArrayList<>();
    try (Ledger ledger = Ledger.open(path)) {
      Aegis aegis = new Aegis(settings, TestRegistry.REGISTRY, new TestFailures(), ledger);
      for (int round = first; round <= last; round++) {
        AegisResult result =
            aegis.evolve(
                state, rounds.play(aegis, state, round), new Storing(round, rounds.gate(round)));
        state = result.next();
        decisions.addAll(result.decisions());
      }
    }
    return new Run(state, decisions, Files.readString(path));
  }

  /** Mean chance of success over all kinds of task, each under the variant that serves it. */
  private static double success(AegisState state, Simulation.Chance chance) {
    return CLUSTERS.stream()
        .mapToDouble(one -> chance.of(state.pool().serving(one).harness(), one))
        .average()
        .orElseThrow();
  }

  /** Segments of gate episodes by the id of their first, as a store would have them. */
  private final Map<String, List<StoredEpisode>> stored = new TreeMap<>();

  private final class Storing implements Rehearsal {
    private final int round;
    private final Simulation simulation;
    private int number;

    Storing(int round, Simulation simulation) {
      this.round = round;
      this.simulation = simulation;
    }

    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      String prefix = "g%04d-%03d".formatted(round, ++number);
      List<Trajectory> played = new ArrayList<>();
      for (Trajectory one : simulation.run(harness, tasks, attempt).trajectories()) {
        played.add(
            new Trajectory(
                "%s-%05d".formatted(prefix, played.size()),
                one.phase(),
                one.round(),
                one.task(),
                one.harnessHash(),
                one.checkpoint(),
                one.seed(),
                one.episode(),
                one.verdict()));
      }
      stored.put(
          played.getFirst().id(),
          new ArrayList<>(played.stream().map(StoredEpisode.Judged::new).toList()));
      return new RolloutResult(played, List.of());
    }

    @Override
    public String category(int task) {
      return simulation.category(task);
    }
  }

  @Test
  void recoverHalfOfWhatNoSingleHarnessCanHave() throws IOException {
    Run alone = run("alone", ALONE, START, 1, 8, CONFLICT);
    Run forking = run("forking", FORKING, START, 1, 8, CONFLICT);

    double stalled = success(alone.state(), CONFLICT);
    double best = (0.7 + 0.45) / 2;
    assertThat(alone.state().pool().forks()).isEmpty();
    assertThat(stalled).isLessThanOrEqualTo(0.46);
    assertThat(success(forking.state(), CONFLICT)).isGreaterThanOrEqualTo((stalled + best) / 2);
    assertThat(forking.state().pool().variants()).hasSizeLessThanOrEqualTo(3);
    assertThat(forking.state().gateEpisodes())
        .isLessThanOrEqualTo(8 * FORKING.gate().episodesPerRound());
  }

  @Test
  void proveTheirGainOnTheirOwnTasksAlone() throws IOException {
    Run run = run("ledger", FORKING, START, 1, 5, CONFLICT);

    Decision.Forked forked = run.decisions(Decision.Forked.class).getFirst();
    assertThat(HELPED).containsAll(forked.clusters());
    assertThat(forked.map().proof().categories())
        .extracting("category")
        .isEqualTo(forked.clusters());
    assertThat(Objects.requireNonNull(forked.map().proof().terms()).scope())
        .isEqualTo(ClusterSet.only(forked.clusters()));
    for (PlayedBatch batch : forked.map().proof().batches()) {
      assertThat(stored.get(batch.candidate().first()))
          .allSatisfy(
              episode ->
                  assertThat(forked.clusters())
                      .contains(((StoredEpisode.Judged) episode).trajectory().task().category()));
    }
    List<LedgerEntry> entries = Ledger.verify(folder.resolve("ledger")).entries();
    assertThat(LedgerStory.tell(entries))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains("ships for tasks of the kinds")
                    .contains("at the gate it won"));
    LedgerProofs.Findings found =
        LedgerProofs.check(
            entries, FORKING.gate(), (round, side) -> stored.getOrDefault(side.first(), List.of()));
    assertThat(found.differences()).isEmpty();
    assertThat(found.proofs()).isPositive();
  }

  @Test
  void areMergedBackWhenTheyBeatTheDefaultNoMore() throws IOException {
    AegisState forked = run("ledger", FORKING, START, 1, 6, CONFLICT).state();
    Variant fork = forked.pool().forks().getFirst();

    Run turned =
        run(
            "ledger",
            FORKING,
            forked,
            7,
            10,
            (harness, category) -> TestRegistry.has(harness, "guard") ? 0.4 : 0.5);

    assertThat(turned.state().pool().forks()).isEmpty();
    Decision.Retired retired = turned.decisions(Decision.Retired.class).getFirst();
    assertThat(retired.variant()).isEqualTo(fork.id());
    assertThat(retired.to()).isEqualTo(TestRegistry.hash(turned.state().incumbent()));
    assertThat(LedgerStory.tell(Ledger.verify(folder.resolve("ledger")).entries()))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains(fork.id() + " is merged back")
                    .contains(String.join(", ", fork.clusters())));
  }

  @Test
  void goOnFromTheirJsonAsIfNothingHadHappened() throws IOException {
    Run whole = run("whole", FORKING, START, 1, 8, CONFLICT);
    Run begun = run("resumed", FORKING, START, 1, 6, CONFLICT);

    AegisState read = reread(begun.state());
    Run resumed = run("resumed", FORKING, read, 7, 8, CONFLICT);

    assertThat(begun.state().pool().forks()).isNotEmpty();
    assertThat(read).isEqualTo(begun.state());
    assertThat(resumed.state()).isEqualTo(whole.state());
    assertThat(resumed.ledger()).isEqualTo(whole.ledger());
  }

  /** What was not there when the variants were made goes to the default, and so does a plan. */
  @Test
  void playEachTaskAroundTheVariantThatServesIt() throws IOException {
    AegisState forked = run("ledger", FORKING, START, 1, 5, CONFLICT).state();
    Variant fork = forked.pool().forks().getFirst();
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = new Aegis(FORKING, TestRegistry.REGISTRY, new TestFailures(), ledger);

      RoundPlan plan = new TestRounds(CONFLICT, 7, Set.of(), CLUSTERS).plan(aegis, forked, 6);

      plan.arms()
          .forEach(
              (task, arms) -> {
                boolean isForked = fork.clusters().contains(task.category());
                assertThat(arms.getFirst().assignment())
                    .isEqualTo(isForked ? fork.assignment() : forked.assignment());
                if (isForked) {
                  assertThat(arms.getLast().assignment()).isEqualTo(forked.assignment());
                }
              });
      assertThat(aegis.incumbentOnly(forked, plan.arms().keySet(), 2).arms())
          .allSatisfy(
              (task, arms) ->
                  assertThat(arms)
                      .extracting(RoundPlan.Arm::harness)
                      .containsOnly(forked.pool().serving(task.category()).harness()));
    }
    assertThat(forked.pool().serving("never seen").harness()).isEqualTo(forked.incumbent());
  }

  @Test
  void waitForAPersonLikeAnyOtherChange() throws IOException {
    AegisSettings asking = FORKING.watched(RedLines.NONE, AskFrom.LOW, WhenWaiting.GO_ON, null);
    AegisState waiting = run("ledger", asking, START, 1, 5, CONFLICT).state();
    Waiting bundle = Objects.requireNonNull(waiting.waiting());
    assertThat(waiting.pool().forks()).isEmpty();
    assertThat(reread(waiting)).isEqualTo(waiting);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = new Aegis(asking, TestRegistry.REGISTRY, new TestFailures(), ledger);

      AegisResult heard =
          aegis.hear(waiting, 6, new Word(bundle.id(), bundle.harness(), true, "Ann", "now", ""));

      assertThat(heard.decisions().getLast()).isInstanceOf(Decision.Forked.class);
      Variant fork = heard.next().pool().forks().getFirst();
      assertThat(fork.clusters()).isEqualTo(bundle.bundle().scope().names());
      assertThat(fork.harness()).isEqualTo(bundle.config());
      assertThat(heard.next().incumbent()).isEqualTo(TestRegistry.BARE);
    }
    LedgerProofs.Findings found =
        LedgerProofs.check(
            Ledger.verify(folder.resolve("ledger")).entries(),
            asking.gate(),
            (round, side) -> stored.getOrDefault(side.first(), List.of()));
    assertThat(found.differences()).isEmpty();
  }

  private static AegisState reread(AegisState state) throws JsonProcessingException {
    JsonMapper json = new JsonMapper();
    return json.readValue(json.writeValueAsString(state), AegisState.class);
  }
}
