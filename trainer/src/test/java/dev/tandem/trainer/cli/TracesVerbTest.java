package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.TraceStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TracesVerbTest {
  private static final String HARNESS = "ab12".repeat(16);
  private static final TaskSpec TASK =
      new TaskSpec("errands", "7", "fetch", Split.TRAIN, "00000001", 20);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path run;

  @BeforeEach
  void keepTraces() {
    try (TraceStore store = TraceStore.open(run)) {
      store.write(
          SegmentName.of(1, Phase.TRAIN),
          List.of(episode("r0001-00000")),
          List.of(
              new FailedEpisode(
                  "r0001-00001",
                  Phase.TRAIN,
                  1,
                  TASK,
                  HARNESS,
                  "round-0000",
                  2,
                  ExitReason.ENVIRONMENT_FAILURE,
                  "the shop burnt down",
                  3)),
          one -> Set.of(FailureCategory.REPEATED_ACTION));
    }
  }

  private static Trajectory episode(String id) {
    Message system = Message.system("You run errands.");
    Observation before = Observation.of("fetch bread", "you are at home");
    Observation after = Observation.of("fetch bread", "the bakery is closed");
    return new Trajectory(
        id,
        Phase.TRAIN,
        1,
        TASK,
        HARNESS,
        "round-0000",
        1,
        new Episode(
            List.of(
                new Turn(
                    0,
                    HARNESS,
                    List.of(system, Message.user("you are at home\nSteps left: 2")),
                    "go to bakery",
                    TokenTrace.NONE,
                    false),
                new Turn(
                    1,
                    HARNESS,
                    List.of(
                        system,
                        Message.user("you are at home"),
                        Message.assistant("go to bakery"),
                        Message.user("the bakery is closed\nSteps left: 1")),
                    "open door",
                    TokenTrace.NONE,
                    false)),
            List.of(
                new Step(0, before, "", "go to bakery", true, after),
                new Step(1, after, "", "open door", false, after)),
            List.of(new Trigger(0, Hook.BEFORE_MODEL, "step_budget", "messages")),
            List.of(new Swap(0, "swap_on_loop", "careful", "a loop", HARNESS, "cd", "")),
            ExitReason.STEP_BUDGET,
            ""),
        new Verdict(false, 0, 0.5, new TreeMap<>(Map.of("bread_found", 0.25)), List.of()));
  }

  @Test
  void printsAnEpisodeAsAStory() {
    assertThat(run("traces", "show", run.toString(), "r0001-00000")).isZero();
    assertThat(output())
        .isEqualTo(
            """
            r0001-00000
              task      errands/7 (fetch, train split)
              agent     weights round-0000, harness
                        ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12, seed 1
              goal      fetch bread

            step 0
              system    You run errands.
              user      you are at home
                        Steps left: 2
              says      go to bakery
              changed   step_budget: messages at before_model
              does      go to bakery
              leads to  the bakery is closed
              swap      swap_on_loop asks for careful (a loop): ab12ab12ab12 becomes cd

            step 1
              user      the bakery is closed
                        Steps left: 1
              says      open door
              blocked   open door
              leads to  the bakery is closed

              verdict   failed (strict 0.0, lenient 0.5)
                        bread found 0.25
              ended     step budget
            """);
  }

  @Test
  void printsWhatBecameOfABrokenEpisode() {
    assertThat(run("traces", "show", run.toString(), "r0001-00001")).isZero();
    assertThat(output())
        .contains("broken    environment failure after 3 attempts: the shop burnt down");
  }

  @Test
  void listsAndFilters() {
    assertThat(run("traces", "list", run.toString(), "--failed", "--failure", "repeated_action"))
        .isZero();
    assertThat(output()).startsWith("r0001-00000 ").endsWith("ab12ab12  repeated_action\n");
    assertThat(output().lines()).hasSize(1);
    assertThat(run("traces", "list", run.toString(), "--phase", "gate", "--json")).isZero();
    assertThat(output()).endsWith("{\"found\":0,\"episodes\":[]}\n");
    assertThat(run("traces", "list", run.toString(), "--round", "1", "--limit", "1")).isZero();
    assertThat(errors())
        .endsWith("tandem: 1 of 2 episodes; tandem traces show RUN ID prints one\n");
  }

  @Test
  void findsLinesWithTheirEpisodeAndStep() {
    assertThat(run("traces", "grep", run.toString(), "-i", "BAKERY is")).isZero();
    assertThat(output())
        .isEqualTo(
            """
            r0001-00000 step 0: leads to: the bakery is closed
            r0001-00000 step 1: user: the bakery is closed
            r0001-00000 step 1: leads to: the bakery is closed
            """);
    assertThat(run("traces", "grep", run.toString(), "no such words")).isEqualTo(1);
  }

  @Test
  void saysInOneSentenceWhatIsWrong() {
    assertThat(run("traces", "show", run.toString(), "r0001-00009")).isEqualTo(2);
    assertThat(errors())
        .isEqualTo("tandem: no episode is called 'r0001-00009': did you mean 'r0001-00000'?\n");
    err.reset();
    assertThat(run("traces", "list", run.toString(), "--failure", "repeated_acton")).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "tandem: no episode has --failure repeated_acton: did you mean 'repeated_action'?\n");
    err.reset();
    assertThat(run("traces", "list", run.resolve("absent").toString())).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "tandem: %s does not exist; name the folder that was given to train as --out\n"
                .formatted(run.resolve("absent")));
    err.reset();
    assertThat(run("traces", "list", run.resolve("traces").toString())).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "tandem: %s has no traces; name the folder of a run\n"
                .formatted(run.resolve("traces")));
    err.reset();
    assertThat(run("traces", "grep", run.toString(), "(")).isEqualTo(2);
    assertThat(errors()).startsWith("tandem: '(' is no regular expression (");
    err.reset();
    assertThat(run("traces")).isEqualTo(2);
    assertThat(errors())
        .isEqualTo("tandem: traces wants list, show, grep or export; see tandem traces --help\n");
  }

  @Test
  void exportsRowsForOtherPrograms() throws IOException {
    Path csv = run.resolve("rows.csv");
    assertThat(run("traces", "export", run.toString(), "--to", csv.toString())).isZero();
    assertThat(Files.readAllLines(csv))
        .hasSize(3)
        .first()
        .isEqualTo(
            "round,phase,batch,id,task,category,split,harness,checkpoint,seed,outcome,strict,lenient,exit_reason,detail,steps,turns,prompt_tokens,response_tokens,failures");
    Path lines = run.resolve("rows.jsonl");
    assertThat(run("traces", "export", run.toString(), "--to", lines.toString(), "--failed"))
        .isZero();
    assertThat(Files.readAllLines(lines))
        .singleElement()
        .asString()
        .contains("\"id\":\"r0001-00000\"", "\"failures\":[\"repeated_action\"]");
    assertThat(run("traces", "export", run.toString(), "--to", "rows.xlsx")).isEqualTo(2);
    assertThat(errors())
        .endsWith("tandem: rows.xlsx has no known ending; use .parquet, .csv or .jsonl\n");
  }

  @Test
  void exportsParquetWhereDuckDbIs() throws IOException {
    assumeTrue(DuckDb.jar(Path.of("")).isPresent(), "DuckDB's driver is not in Maven's repository");
    Path parquet = run.resolve("rows.parquet");
    assertThat(run("traces", "export", run.toString(), "--to", parquet.toString())).isZero();
    byte[] bytes = Files.readAllBytes(parquet);
    assertThat(new String(bytes, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
    assertThat(new String(bytes, bytes.length - 4, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
  }

  @Test
  void saysHowToGetDuckDb() throws IOException {
    assertThat(DuckDb.newest(run.resolve("absent"))).isEmpty();
    assertThat(DuckDb.MISSING)
        .contains("mvn dependency:get", "org.duckdb:duckdb_jdbc", "--duckdb", ".csv")
        .doesNotContain("\n");
    assertThat(
            run(
                "traces",
                "export",
                run.toString(),
                "--to",
                run.resolve("a.parquet").toString(),
                "--duckdb",
                run.resolve("absent.jar").toString()))
        .isEqualTo(2);
    assertThat(errors()).endsWith("absent.jar does not exist; name DuckDB's JDBC driver\n");
    Path text = Files.writeString(run.resolve("text.jar"), "no jar");
    Path other = run.resolve("other.jar");
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(other))) {
      jar.putNextEntry(new ZipEntry("some/Other.class"));
    }
    for (Path named : List.of(text, other)) {
      String target = run.resolve("a.parquet").toString();
      assertThat(
              run("traces", "export", run.toString(), "--to", target, "--duckdb", named.toString()))
          .isEqualTo(2);
      assertThat(errors())
          .endsWith(
              "tandem: %s is no JDBC driver of DuckDB; name the jar of org.duckdb:duckdb_jdbc\n"
                  .formatted(named));
    }
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, run), arguments);
  }
}
