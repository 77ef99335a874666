package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.MaskedAgent;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.TrajectoryText;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceStoreTest {
  private static final HouseFamily FAMILY = new HouseFamily();
  private static List<Trajectory> played = List.of();

  @TempDir private Path run;

  @BeforeAll
  static void play() {
    played =
        new LocalRolloutExecutor(
                FAMILY, LocalRolloutExecutor.Settings.forWorld(FAMILY.capabilities()))
            .run(MaskedAgent.plans(FAMILY, 6), new MaskedAgent(), count -> {})
            .trajectories();
  }

  private static Trajectory in(Trajectory one, Phase phase, int round) {
    return new Trajectory(
        "%s%d-%s".formatted(phase.id().charAt(0), round, one.id()),
        phase,
        round,
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        one.verdict());
  }

  private static List<Trajectory> round(int round) {
    return played.stream().map(one -> in(one, Phase.TRAIN, round)).toList();
  }

  private static void write(TraceStore store, int round, List<Trajectory> trajectories) {
    store.write(
        SegmentName.of(round, Phase.TRAIN), trajectories, List.of(), TraceStoreTest::categories);
  }

  private static Set<FailureCategory> categories(Trajectory one) {
    return one.verdict().success() ? Set.of() : Set.of(FailureCategory.OUT_OF_STEPS);
  }

  private Path file(int round) {
    return run.resolve("traces").resolve(SegmentName.of(round, Phase.TRAIN).fileName());
  }

  private List<String> indexed(String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection reader =
            DriverManager.getConnection("jdbc:sqlite:" + run.resolve("index.sqlite"));
        Statement statement = reader.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  private static void assertSame(List<Trajectory> read, List<Trajectory> written) {
    assertThat(read)
        .extracting(TrajectoryText::of)
        .isEqualTo(written.stream().map(TrajectoryText::of).toList());
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i).episode().steps()).isEqualTo(written.get(i).episode().steps());
    }
  }

  @Test
  void readsBackWhatItWroteWithoutTheEnvironment() {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
    }
    try (TraceStore store = TraceStore.open(run)) {
      assertSame(store.read(1), round(1));
      assertThat(store.read(1)).allMatch(one -> one.promptTokens() > 0 && one.responseTokens() > 0);
    }
  }

  @Test
  void replayOfWhatItReadAgrees() {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      assertThat(store.read(1))
          .allSatisfy(one -> assertThat(ReplayCheck.difference(one, FAMILY)).isEmpty());
    }
  }

  @Test
  void replayTellsAnEpisodeOfAnotherWorld() {
    Trajectory one = played.getFirst();
    Trajectory other = played.getLast();
    Trajectory mixed =
        new Trajectory(
            "mixed",
            Phase.TRAIN,
            1,
            other.task(),
            one.harnessHash(),
            one.checkpoint(),
            one.seed(),
            one.episode(),
            one.verdict());
    assertThat(ReplayCheck.difference(mixed, FAMILY))
        .hasValueSatisfying(
            text -> assertThat(text).isEqualTo("step 0 of mixed now begins in another state"));
  }

  @Test
  void everyBitComesBack() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("z", List.of(1, 1L, 1.0, -0.0, Double.MIN_VALUE, true, "\u00e9\ud800", List.of()));
    tree.put("a", Map.of("deep", Map.of("deeper", Long.MIN_VALUE)));
    Map<String, Object> turned = new LinkedHashMap<>();
    turned.put("a", tree.get("a"));
    turned.put("z", tree.get("z"));
    Observation first = new Observation("g", "t", new Facts(tree), true, Optional.empty());
    Observation second =
        new Observation("g", "t", new Facts(turned), false, Optional.of(List.of()));
    TokenTrace tokens =
        new TokenTrace(
            new int[] {-1, 0, Integer.MAX_VALUE},
            new int[] {Integer.MIN_VALUE, 7, 8},
            new float[] {-0.0f, Float.intBitsToFloat(0x7FC0_0001), Float.NEGATIVE_INFINITY},
            new int[][] {{}, {3, 1, 2}, {Integer.MIN_VALUE, Integer.MAX_VALUE}});
    Trajectory odd =
        new Trajectory(
            "odd",
            Phase.TRAIN,
            1,
            LongEpisodes.task("x y/z"),
            "h",
            "c",
            Long.MIN_VALUE,
            new Episode(
                List.of(
                    new Turn(0, "h", List.of(Message.user("\u0000")), "", TokenTrace.NONE, true),
                    new Turn(0, "h", List.of(), "x", tokens, false)),
                List.of(new Step(0, first, "", "a", false, second)),
                List.of(),
                ExitReason.INTERRUPTED,
                "enough"),
            new Verdict(false, 0.1, 1, new TreeMap<>(Map.of("p", 1 / 3.0)), List.of("flag")));
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, List.of(odd, in(odd, Phase.TRAIN, 1)));
      Trajectory read = store.read(1).getFirst();
      assertSame(List.of(read), List.of(odd));
      assertThat(read.episode().steps().getFirst().before().facts().tree().keySet())
          .containsExactly("a", "z");
      assertThat(read.episode().steps().getFirst().after().facts().tree().keySet())
          .containsExactly("a", "z");
      float[] logProbs = read.episode().turns().getLast().tokens().logProbs();
      for (int i = 0; i < logProbs.length; i++) {
        assertThat(Float.floatToRawIntBits(logProbs[i]))
            .isEqualTo(Float.floatToRawIntBits(tokens.logProbs()[i]));
      }
    }
  }

  @Test
  void episodesWithoutAVerdictAreStoredBesideTheOthers() {
    SegmentName gate = SegmentName.of(2, Phase.GATE, 3);
    List<Trajectory> judged = List.of(in(played.getFirst(), Phase.GATE, 2));
    try (TraceStore store = TraceStore.open(run)) {
      store.write(
          gate, judged, List.of(LongEpisodes.broken("hung", 2)), TraceStoreTest::categories);
      TraceRow row = store.row("hung");
      assertThat(row)
          .matches(TraceRow::isBroken)
          .returns(ExitReason.ENVIRONMENT_FAILURE, TraceRow::exitReason)
          .returns("the server hung up", TraceRow::detail)
          .returns(gate, TraceRow::segment);
      assertThat(store.load(row))
          .isEqualTo(new StoredEpisode.Broken(LongEpisodes.broken("hung", 2)));
      assertThat(store.find(TraceQuery.ALL.withOutcome(TraceQuery.Outcome.FAILED)))
          .noneMatch(TraceRow::isBroken);
    }
  }

  @Test
  void onlyTrainEpisodesAreReadToLearnFrom() {
    try (TraceStore store = TraceStore.open(run)) {
      for (Phase phase : Phase.values()) {
        store.write(
            SegmentName.of(1, phase),
            played.stream().map(one -> in(one, phase, 1)).toList(),
            List.of(),
            TraceStoreTest::categories);
      }
      assertThat(store.read(1)).hasSize(6).allMatch(one -> one.phase() == Phase.TRAIN);
      assertThat(store.find(TraceQuery.ALL))
          .extracting(TraceRow::phase)
          .hasSize(18)
          .startsWith(Phase.TRAIN)
          .endsWith(Phase.EVALUATION);
    }
  }

  @Test
  void findsByWhatOneAsksFor() {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      write(store, 2, round(2));
      Trajectory third = round(2).get(3);
      TraceQuery second = TraceQuery.ALL.withRound(2).withPhase(Phase.TRAIN);
      assertThat(store.find(second)).hasSize(6);
      assertThat(store.find(second.withTask(third.task().key())))
          .extracting(TraceRow::id)
          .containsExactly(third.id());
      assertThat(store.find(second.withTask(third.task().id())))
          .extracting(TraceRow::id)
          .containsExactly(third.id());
      assertThat(store.find(second.withCategory(third.task().category())))
          .extracting(TraceRow::id)
          .contains(third.id());
      assertThat(store.find(second.withHarness(third.harnessHash().substring(0, 8)))).hasSize(6);
      assertThat(store.find(second.withHarness("_"))).isEmpty();
      long failed = played.stream().filter(one -> !one.verdict().success()).count();
      assertThat(store.find(second.withFailure("out_of_steps"))).hasSize((int) failed);
      assertThat(store.find(second.withFailure("out_of"))).isEmpty();
      assertThat(store.find(TraceQuery.ALL.withLimit(7))).hasSize(7);
      List<String> visited = new ArrayList<>();
      store.forEach(second, (row, episode) -> visited.add(row.id() + episode.id()));
      assertThat(visited)
          .containsExactlyElementsOf(round(2).stream().map(one -> one.id() + one.id()).toList());
    }
  }

  @Test
  void replacesAnEarlierAttemptAtARound() throws SQLException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      write(store, 1, round(1).subList(0, 2));
      assertSame(store.read(1), round(1).subList(0, 2));
    }
    assertThat(indexed("select id from episodes order by id"))
        .containsExactly("t1-r0001-0", "t1-r0001-1");
  }

  @Test
  void forgetsRoundsThatWereNeverFinished() throws SQLException, IOException {
    try (TraceStore store = TraceStore.open(run)) {
      for (int round = 1; round <= 3; round++) {
        write(store, round, round(round));
      }
      Files.writeString(run.resolve("traces/.round-0004-train-001.traces.tmp"), "TANDEM");
      Files.writeString(file(4), "TANDEM");
      store.truncateAfter(1);
      assertSame(store.read(1), round(1));
    }
    assertThat(run.resolve("traces")).isDirectoryNotContaining(path -> !path.equals(file(1)));
    assertThat(indexed("select distinct round from episodes")).containsExactly("1");
  }

  @Test
  void equalEpisodesAreEqualBytes() throws IOException {
    Path other = run.resolve("other");
    try (TraceStore one = TraceStore.open(run);
        TraceStore two = TraceStore.open(other)) {
      write(one, 1, round(1));
      // What was read is what was written, so writing it again must not differ either.
      write(two, 1, one.read(1));
    }
    assertThat(file(1))
        .hasSameBinaryContentAs(other.resolve("traces").resolve(file(1).getFileName()));
  }

  @Test
  void letsAnotherConnectionReadTheIndexWhileItIsOpen() throws SQLException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      assertThat(indexed("select count(*) from episodes")).containsExactly("6");
      try (TraceStore reader = TraceStore.openExisting(run)) {
        write(store, 2, round(2));
        assertThat(reader.find(TraceQuery.ALL)).hasSize(12);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.3, 0.9, 0.999})
  void namesASegmentThatWasCutShort(double share) throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      byte[] whole = Files.readAllBytes(file(1));
      Files.write(file(1), Arrays.copyOf(whole, (int) (share * whole.length)));
      assertDamaged(store, whole);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.002, 0.4, 0.95, 0.9999})
  void namesASegmentWithAChangedByte(double place) throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      byte[] whole = Files.readAllBytes(file(1));
      byte[] changed = whole.clone();
      changed[(int) (place * whole.length)] ^= 4;
      Files.write(file(1), changed);
      assertDamaged(store, whole);
    }
  }

  private void assertDamaged(TraceStore store, byte[] whole) throws IOException {
    assertThatThrownBy(() -> store.read(1))
        .isInstanceOf(TraceException.class)
        .hasMessageStartingWith(file(1).toString())
        .hasMessageNotContaining("\n");
    write(store, 2, round(2));
    assertSame(store.read(2), round(2));
    Files.write(file(1), whole);
    assertSame(store.read(1), round(1));
  }

  @Test
  void listsTheOthersWhenASegmentIsDamaged() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      write(store, 2, round(2));
    }
    Files.writeString(file(1), "TANDEM");
    try (TraceStore store = TraceStore.openExisting(run)) {
      assertThat(store.find(TraceQuery.ALL)).hasSize(6).allMatch(row -> row.round() == 2);
      assertThat(store.damage())
          .containsExactly(
              "%s is damaged (it has only 6 bytes): copy it again from where it is whole, or delete it and do without its episodes"
                  .formatted(file(1)));
    }
  }

  @Test
  void refusesASegmentOfALaterBuild() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      byte[] bytes = Files.readAllBytes(file(1));
      bytes[11] = 9;
      Files.write(file(1), bytes);
      assertThatThrownBy(() -> store.read(1))
          .isInstanceOf(TraceException.class)
          .hasMessageContaining("is a segment of version 9, this build reads at most 1");
    }
  }

  @Test
  void explainsARoundThatIsNotThere() {
    try (TraceStore store = TraceStore.open(run)) {
      assertThatThrownBy(() -> store.read(7))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith(
              "round 7 has no train episodes in %s: ".formatted(run.resolve("traces")));
    }
  }

  @Test
  void saysWhichEpisodeMayHaveBeenMeant() {
    try (TraceStore store = TraceStore.open(run)) {
      write(store, 1, round(1));
      store.write(
          SegmentName.of(1, Phase.GATE, 2), round(1), List.of(), TraceStoreTest::categories);
      assertThatThrownBy(() -> store.row("t1-r0001-9"))
          .isInstanceOf(TraceException.class)
          .hasMessage("no episode is called 't1-r0001-9': did you mean 't1-r0001-0'?");
      assertThatThrownBy(() -> store.row("t1-r0001-1"))
          .isInstanceOf(TraceException.class)
          .hasMessage(
              "2 episodes are called 't1-r0001-1': say which, such as"
                  + " round-0001-gate-002/t1-r0001-1");
      assertThat(store.row("round-0001-gate-002/t1-r0001-1").phase()).isEqualTo(Phase.GATE);
    }
  }

  @Test
  void explainsAFolderThatCannotHoldAStore() throws IOException {
    Path file = Files.writeString(run.resolve("file"), "");
    assertThatThrownBy(() -> TraceStore.open(file))
        .isInstanceOf(TraceException.class)
        .hasMessageStartingWith("the trace store in %s cannot be made".formatted(file));
    assertThatThrownBy(() -> TraceStore.openExisting(file))
        .isInstanceOf(TraceException.class)
        .hasMessage(file + " has no traces: name the folder of a run");
  }
}
