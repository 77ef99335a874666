package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.rollout.MaskedAgent;
import dev.tandem.rollout.Trajectory;
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
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceStoreTest {
  private static final ObjectMapper JSON = new ObjectMapper();
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

  private static List<String> lines(List<Trajectory> trajectories) {
    return trajectories.stream().map(TrajectoryCodec::write).toList();
  }

  private static Trajectory inRound(Trajectory one, int round) {
    return new Trajectory(
        "r%d-%s".formatted(round, one.id()),
        one.phase(),
        round,
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        one.verdict());
  }

  private static List<Trajectory> round(int round) {
    return played.stream().map(one -> inRound(one, round)).toList();
  }

  private Path file(int round) {
    return run.resolve("traces/round-%04d.jsonl".formatted(round));
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

  private void damage(Consumer<ObjectNode> change) throws IOException {
    ObjectNode line = (ObjectNode) JSON.readTree(TrajectoryCodec.write(round(1).getFirst()));
    change.accept(line);
    Files.writeString(file(1), json(line) + "\n");
  }

  private static String json(ObjectNode line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode step(ObjectNode line, int index) {
    int size = line.withArray("steps").size();
    return (ObjectNode) line.withArray("steps").get(index < 0 ? size + index : index);
  }

  @Test
  void readsBackWhatItWroteByPlayingItAgain() {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(1, round(1));
    }
    try (TraceStore store = TraceStore.open(run)) {
      List<Trajectory> read = store.read(1, FAMILY);
      assertThat(lines(read)).isEqualTo(lines(round(1)));
      for (int i = 0; i < read.size(); i++) {
        assertThat(read.get(i).episode().steps()).isEqualTo(played.get(i).episode().steps());
        assertThat(read.get(i).reward()).isEqualTo(played.get(i).reward());
        assertThat(read.get(i).promptTokens()).isEqualTo(played.get(i).promptTokens()).isPositive();
        assertThat(read.get(i).responseTokens())
            .isEqualTo(2 * played.get(i).episode().turns().size());
      }
    }
  }

  @Test
  void replacesAnEarlierAttemptAtARound() throws SQLException {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(1, round(1));
      store.write(1, round(1).subList(0, 2));
      assertThat(lines(store.read(1, FAMILY))).isEqualTo(lines(round(1).subList(0, 2)));
    }
    assertThat(indexed("select id from trajectories order by id"))
        .containsExactly("r1-r0001-0", "r1-r0001-1");
  }

  @Test
  void forgetsRoundsThatWereNeverFinished() throws SQLException, IOException {
    try (TraceStore store = TraceStore.open(run)) {
      for (int round = 1; round <= 3; round++) {
        store.write(round, round(round));
      }
      Files.writeString(run.resolve("traces/round-0004.jsonl.tmp"), "{\"id\": \"r00");
      store.truncateAfter(1);
      assertThat(lines(store.read(1, FAMILY))).isEqualTo(lines(round(1)));
    }
    assertThat(run.resolve("traces")).isDirectoryNotContaining(path -> !path.equals(file(1)));
    assertThat(indexed("select distinct round from trajectories")).containsExactly("1");
  }

  @Test
  void letsAnotherConnectionReadTheIndexWhileItIsOpen() throws SQLException {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(1, round(1));
      assertThat(indexed("select count(*) from trajectories")).containsExactly("6");
      store.write(2, round(2));
      assertThat(indexed("select count(*) from trajectories")).containsExactly("12");
      assertThat(
              indexed(
                  "select task || ' ' || steps || ' ' || success || ' ' || split from trajectories"
                      + " where id = 'r2-r0001-3'"))
          .containsExactly(
              "%s %d %d train"
                  .formatted(
                      played.get(3).task().key(),
                      played.get(3).episode().steps().size(),
                      played.get(3).verdict().success() ? 1 : 0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "",
        "{}",
        "[]",
        "null",
        "{\"id\":\"r1\"}",
        "{\"id\":\"r1\",\"round\":1,\"seed\":5}"
      })
  void explainsALineThatIsNoTrajectory(String line) throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      Files.writeString(file(1), line + "\n");
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith("a trace line is damaged (")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void explainsALineThatWasCutShort() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      String line = TrajectoryCodec.write(round(1).getFirst());
      for (int length : new int[] {1, line.length() / 2, line.length() - 1}) {
        Files.writeString(file(1), line.substring(0, length));
        assertThatThrownBy(() -> store.read(1, FAMILY))
            .isInstanceOf(TraceException.class)
            .hasMessageStartingWith("a trace line is damaged (")
            .hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void explainsBytesThatAreNoText() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      Files.write(file(1), new byte[] {'{', (byte) 0xFF, (byte) 0xFE, '\n'});
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageContaining("round 1")
          .hasMessageNotContaining("\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"steps", "turns", "triggers", "task", "verdict", "exit_reason"})
  void explainsALineWithoutOneOfItsParts(String field) throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      damage(line -> line.remove(field));
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith("a trace line is damaged (")
          .hasMessageContaining(field);
    }
  }

  @Test
  void explainsTokensWithoutTheirLogProbabilities() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      damage(line -> ((ObjectNode) line.withArray("turns").get(0)).putArray("log_probs").add(-1.5));
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith("a trace line is damaged (")
          .hasMessageContaining("2 tokens and 1 log-probabilities");
    }
  }

  @Test
  void refusesALineWhoseFirstActionLeadsElsewhere() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      String other = played.getFirst().episode().steps().getFirst().before().commands().getLast();
      String taken = played.getFirst().episode().steps().getFirst().action();
      assertThat(other).isNotEqualTo(taken);
      damage(line -> step(line, 0).put("action", other));
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith(
              "trajectory r1-r0001-0 does not play again: step 0 now leads to '")
          .hasMessageContaining("house")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void refusesALineWhoseLastActionLeadsElsewhere() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      damage(line -> step(line, -1).put("action", "go to nowhere 9"));
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageContaining("trajectory r1-r0001-0 does not play again: step ")
          .hasMessageContaining("now leads to 'nothing happens .' and not to '");
    }
  }

  @Test
  void refusesALineOfAnotherTask() throws IOException {
    try (TraceStore store = TraceStore.open(run)) {
      damage(line -> ((ObjectNode) line.get("task")).put("id", played.getLast().task().id()));
      assertThatThrownBy(() -> store.read(1, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageContaining("step 0 begins in another state");
    }
  }

  @Test
  void explainsARoundThatIsNotThere() {
    try (TraceStore store = TraceStore.open(run)) {
      assertThatThrownBy(() -> store.read(7, FAMILY))
          .isInstanceOf(TraceException.class)
          .hasMessageStartingWith("round 7 cannot be read from " + run.resolve("traces"));
    }
  }

  @Test
  void explainsAFolderThatCannotHoldAStore() throws IOException {
    Path file = Files.writeString(run.resolve("file"), "");
    assertThatThrownBy(() -> TraceStore.open(file))
        .isInstanceOf(TraceException.class)
        .hasMessageStartingWith("the trace store in %s cannot be opened".formatted(file));
  }
}
