package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @Test
  void saysHowToBuildTheBenchmarksWhenTheyAreMissing() {
    assertThat(run("bench")).isEqualTo(69);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "tandem: the benchmarks are not built; run ./tandem bench in a checkout, which builds"
                + " them\n");
  }

  @Test
  void refusesWhatIsNoRegularExpression() {
    assertThat(run("bench", "(House")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("tandem: '(House' is no regular expression: Unclosed group\n");
  }

  @Test
  void alignsScoresAndCounters() throws JsonProcessingException {
    String json =
        """
        [
          {
            "benchmark": "dev.tandem.benchmarks.house.HouseBenchmark.rollouts",
            "params": {"episodes": "64", "harness": "BARE"},
            "primaryMetric": {"score": 0.51234, "scoreError": 0.01235, "scoreUnit": "ops/s"},
            "secondaryMetrics": {
              "environmentSeconds": {"score": 0.04, "scoreError": "NaN", "scoreUnit": "ops/s"},
              "episodes": {"score": 32.789, "scoreError": 0.79, "scoreUnit": "ops/s"}
            }
          },
          {
            "benchmark": "dev.tandem.benchmarks.harness.RunLoopBenchmark.tenProcessors",
            "primaryMetric": {"score": 12345.6, "scoreError": "NaN", "scoreUnit": "us/op"},
            "secondaryMetrics": {}
          }
        ]
        """;
    assertThat(BenchmarkTable.of(new ObjectMapper().readTree(json)))
        .isEqualTo(
            """
            benchmark                       parameters                  score      error  unit
            HouseBenchmark.rollouts         episodes=64 harness=BARE   0.5123  ± 0.01235  ops/s
                                                                      0.04000             environment seconds/s
                                                                        32.79   ± 0.7900  episodes/s
            RunLoopBenchmark.tenProcessors                              12346             us/op\
            """);
  }

  @Test
  void comparesKeptResultsWithTheMachinesRoof() throws IOException {
    Path results =
        Files.writeString(
            folder.resolve("machine.json"),
            """
            [
              {
                "benchmark": "dev.tandem.benchmarks.kernels.LogProbsBenchmark.forward",
                "params": {"backend": "VECTOR_API", "shape": "64x32000"},
                "primaryMetric": {"score": 2000, "scoreError": "NaN", "scoreUnit": "ops/s"},
                "secondaryMetrics": {
                  "bytes": {"score": 1.6384e10, "scoreError": "NaN", "scoreUnit": "ops/s"},
                  "flops": {"score": 9e10, "scoreError": "NaN", "scoreUnit": "ops/s"},
                  "gc.alloc.rate.norm": {"score": 0.4, "scoreError": 1, "scoreUnit": "B/op"}
                }
              },
              {
                "benchmark": "dev.tandem.benchmarks.measure.MachineBenchmark.copy",
                "primaryMetric": {"score": 80, "scoreError": "NaN", "scoreUnit": "ops/s"},
                "secondaryMetrics": {
                  "bytes": {"score": 4e10, "scoreError": "NaN", "scoreUnit": "ops/s"}
                }
              },
              {
                "benchmark": "dev.tandem.benchmarks.measure.MachineBenchmark.multiplyAdd",
                "primaryMetric": {"score": 30000, "scoreError": "NaN", "scoreUnit": "ops/s"},
                "secondaryMetrics": {
                  "flops": {"score": 1e11, "scoreError": "NaN", "scoreUnit": "ops/s"}
                }
              }
            ]
            """);
    assertThat(run("bench", "--table", results.toString())).isEqualTo(0);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "machine.json",
            "| LogProbsBenchmark.forward | backend=VECTOR_API shape=64x32000 | 500 µs | 16.4 | 90%"
                + " of peak | 0 |",
            "| MachineBenchmark.copy |  | 12.5 ms | 40.0 | 100% of copy |  |");
    assertThat(run("bench", "--table", folder.resolve("absent.json").toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("absent.json holds no results");
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, folder), arguments);
  }
}
