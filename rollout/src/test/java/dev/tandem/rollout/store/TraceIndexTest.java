package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index holds nothing that cannot be made again from the segments. */
final class TraceIndexTest {
  private static final List<Trajectory> EPISODES =
      List.of(LongEpisodes.played("one", 1, 3, 1), LongEpisodes.played("two", 1, 2, 2));

  @TempDir private Path run;

  @BeforeEach
  void write() {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(
          SegmentName.of(1, Phase.TRAIN),
          EPISODES,
          List.of(LongEpisodes.broken("three", 1)),
          one -> Set.of());
    }
  }

  private Path index() {
    return run.resolve("index.sqlite");
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + index());
        Statement statement = connection.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  private void assertWhole() {
    try (TraceStore store = TraceStore.openExisting(run)) {
      assertThat(store.find(TraceQuery.ALL))
          .extracting(TraceRow::id)
          .containsExactly("one", "two", "three");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anIndexOfTheFirstVersionIsBroughtUpToDate(int version) throws SQLException, IOException {
    Files.delete(index());
    execute(
        """
        create table trajectories (
          round integer not null, id text primary key, task text not null,
          category text not null, split text not null, harness text not null,
          checkpoint text not null, success integer not null, strict real not null,
          lenient real not null, exit_reason text not null, steps integer not null,
          turns integer not null, prompt_tokens integer not null,
          response_tokens integer not null)
        """,
        "create index by_task on trajectories (task, round)",
        "insert into trajectories values"
            + " (1, 'old', 't', 'c', 's', 'h', 'p', 0, 0, 0, 'r', 1, 1, 1, 1)",
        "pragma user_version = " + version);
    assertWhole();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + index());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeQuery("pragma user_version").getInt(1))
          .isEqualTo(IndexSchema.VERSION);
    }
  }

  @Test
  void anIndexOfALaterBuildIsRefusedAndLeftAlone() throws SQLException, IOException {
    execute("pragma user_version = 9", "pragma wal_checkpoint(truncate)");
    byte[] before = Files.readAllBytes(index());
    assertThatThrownBy(() -> TraceStore.openExisting(run))
        .isInstanceOf(TraceException.class)
        .hasMessage(
            "%s: the index is of version 9, this build reads at most %d; use the build that wrote it, or delete the file to have it made again"
                .formatted(index(), IndexSchema.VERSION));
    assertThat(index()).hasBinaryContent(before);
  }

  @Test
  void aMissingIndexIsMadeAgain() throws IOException {
    Files.delete(index());
    assertWhole();
  }

  @Test
  void anIndexThatIsNoneIsMadeAgain() throws IOException {
    Files.writeString(
        index(), "no database, only text that is long enough to be looked at ".repeat(9));
    assertWhole();
  }

  @Test
  void anIndexWithoutItsTablesIsMadeAgain() throws SQLException {
    execute("drop table episodes");
    assertWhole();
  }

  @Test
  void anIndexThatIsBehindCatchesUp() throws SQLException {
    execute("delete from episodes where id = 'two'", "delete from segments");
    assertWhole();
  }

  @Test
  void anIndexThatKnowsWhatIsGoneForgetsIt() throws IOException {
    Files.delete(run.resolve("traces").resolve(SegmentName.of(1, Phase.TRAIN).fileName()));
    try (TraceStore store = TraceStore.openExisting(run)) {
      assertThat(store.find(TraceQuery.ALL)).isEmpty();
    }
  }

  @Test
  void aHundredThousandEpisodesAreListedAndFilteredInUnderASecond()
      throws SQLException, IndexSchema.NewerIndexException {
    Path large = run.resolve("large.sqlite");
    SplittableRandom random = new SplittableRandom(1);
    try (TraceIndex index = TraceIndex.open(large)) {
      for (int round = 0; round < 100; round++) {
        List<TraceRow> rows = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          rows.add(row(round, i, random));
        }
        index.put("segment-" + round, "hash", rows);
      }
      TraceQuery repeated =
          TraceQuery.ALL
              .withPhase(Phase.GATE)
              .withCategory("category-3")
              .withFailure("repeated_action")
              .withOutcome(TraceQuery.Outcome.FAILED);
      assertThat(index.find(TraceQuery.ALL)).hasSize(100_000);
      assertThat(index.find(repeated))
          .hasSizeGreaterThan(1_000)
          .allMatch(row -> row.failures().contains("repeated_action") && !row.success());
      assertThat(fastestSeconds(index, TraceQuery.ALL)).as("seconds to list all").isLessThan(1);
      assertThat(fastestSeconds(index, repeated)).as("seconds to filter").isLessThan(1);
    }
  }

  /** In processor time, for what else the machine does is not the index's doing. */
  private static double fastestSeconds(TraceIndex index, TraceQuery query) throws SQLException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long fastest = Long.MAX_VALUE;
    for (int time = 0; time < 5; time++) {
      long start = threads.getCurrentThreadCpuTime();
      index.find(query);
      fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - start);
    }
    return fastest / 1e9;
  }

  private static TraceRow row(int round, int position, SplittableRandom random) {
    boolean success = random.nextBoolean();
    return new TraceRow(
        round,
        round % 3 == 0 ? Phase.GATE : Phase.TRAIN,
        "001",
        position,
        "r%04d-%05d".formatted(round, position),
        "errands/" + random.nextInt(5_000),
        "category-" + random.nextInt(10),
        Split.TRAIN,
        Long.toHexString(random.nextInt(20)).repeat(32),
        "round-0001",
        random.nextLong(),
        success,
        success ? 1 : 0,
        1,
        ExitReason.STEP_BUDGET,
        "",
        20,
        20,
        5_000,
        300,
        success ? List.of() : List.of("no_progress", "repeated_action"));
  }
}
