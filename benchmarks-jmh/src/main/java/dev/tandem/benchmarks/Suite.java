package dev.tandem.benchmarks;

import dev.tandem.benchmarks.house.HouseBenchmark;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The process behind {@code tandem bench}: {@code list REGEX} prints the names of the benchmarks
 * that match, {@code full REGEX FILE} and {@code quick REGEX FILE} run them and write JMH's JSON.
 * Progress goes to standard error. The exit status is 0, 1 after a failure, or {@value #NO_MATCH}.
 */
public final class Suite {
  /** Nothing matches the regular expression. */
  private static final int NO_MATCH = 2;

  /** What the launcher gives to training, with more heap. */
  private static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--add-modules=jdk.incubator.vector",
          "--sun-misc-unsafe-memory-access=allow",
          "-Xmx2g",
          "-XX:+UseSerialGC",
          "-Dai.djl.offline=true",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
          "-Dorg.slf4j.simpleLogger.log.ai.djl.util.cuda=error");

  private Suite() {}

  /** Runs the process. */
  public static void main(String[] arguments) throws IOException {
    System.exit(
        switch (arguments[0]) {
          case "list" -> list(arguments[1]);
          case "quick" -> run(arguments[1], Path.of(arguments[2]), true);
          case "full" -> run(arguments[1], Path.of(arguments[2]), false);
          default -> throw new IllegalArgumentException("no such command: " + arguments[0]);
        });
  }

  private static int list(String regex) {
    List<String> names =
        BenchmarkList.defaultList().find(output(), List.of(regex), List.of()).stream()
            .map(benchmark -> benchmark.getUsername())
            .toList();
    names.forEach(System.out::println);
    return names.isEmpty() ? NO_MATCH : 0;
  }

  private static int run(String regex, Path result, boolean quick) throws IOException {
    Path cache = Files.createTempDirectory("tandem-benchmarks-");
    try {
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .include(regex)
              .shouldFailOnError(true)
              .addProfiler(GCProfiler.class)
              .resultFormat(ResultFormatType.JSON)
              .result(result.toString())
              .jvmArgs(
                  Stream.concat(
                          JVM_FLAGS.stream(),
                          Stream.of(
                              "-D%s=%s".formatted(HouseBenchmark.CACHE_PROPERTY, cache),
                              "-Dorg.bytedeco.javacpp.cachedir=" + cache.resolve("javacpp")))
                      .toArray(String[]::new));
      new Runner((quick ? shortened(options) : options).build(), output()).run();
      return 0;
    } catch (NoBenchmarksException e) {
      return NO_MATCH;
    } catch (RunnerException e) {
      System.err.println(e.getMessage());
      return 1;
    } finally {
      delete(cache);
    }
  }

  /** Every benchmark for a second or two, and one of its sizes only. */
  private static ChainedOptionsBuilder shortened(ChainedOptionsBuilder options) {
    return options
        .forks(1)
        .warmupIterations(1)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(2)
        .measurementTime(TimeValue.milliseconds(500))
        .param("batch", "16")
        .param("groupSize", "16")
        .param("episodes", "64")
        .param("shape", "64x32000")
        .param("size", "4096");
  }

  private static OutputFormat output() {
    // Every fork's JVM says so, and nobody can do anything about it.
    return OutputFormatFactory.createFormatInstance(
        new PrintStream(
            new WithoutLine(System.err, "WARNING: Using incubator modules: jdk.incubator.vector"),
            true,
            StandardCharsets.UTF_8),
        VerboseMode.NORMAL);
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
  }
}
