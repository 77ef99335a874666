package dev.tandem.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs the JMH suite, whose module is not part of this program, in a process of its own; JMH starts
 * one more for each benchmark.
 */
@Command(
    name = "bench",
    description =
        "Measure this build on this machine. Close other programs first; the whole suite takes"
            + " about a quarter of an hour.")
final class BenchVerb extends Verb {
  private static final String MAIN_CLASS = "dev.tandem.benchmarks.Suite";
  private static final int NO_MATCH = 2;

  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = "",
      description = "Benchmarks to run, such as House or 'DecoderBenchmark.score'; all by default.")
  private String regex = "";

  @Option(
      names = "--quick",
      description = "Rough figures of all benchmarks in less than five minutes.")
  private boolean quick;

  @Option(
      names = "--json-out",
      paramLabel = "FILE",
      description = "Keep the results as JMH writes them.")
  private @Nullable Path jsonOut;

  @Option(names = "--list", description = "Print the names of the benchmarks and run none.")
  private boolean list;

  @Option(
      names = "--table",
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "Measure nothing: print the README's tables from kept results; by default from all in"
              + " benchmarks-jmh/results.")
  private @Nullable List<Path> table;

  @Override
  Remains remains() {
    return _ ->
        jsonOut == null ? "no results are kept" : jsonOut + " has no results, or not all of them";
  }

  @Override
  ExitCode run(Console console) throws IOException, InterruptedException {
    if (table != null) {
      console.print(tables(table));
      return ExitCode.OK;
    }
    requirePattern();
    BenchmarksProgram suite = BenchmarksProgram.find("bench", MAIN_CLASS);
    if (list) {
      judge(suite.run("list", regex));
      return ExitCode.OK;
    }
    Path result = jsonOut == null ? Files.createTempFile("tandem-bench-", ".json") : jsonOut;
    try {
      InputFile.requireWritable("--json-out", result);
      judge(suite.run(quick ? "quick" : "full", regex, result.toString()));
      console.print(BenchmarkTable.of(new ObjectMapper().readTree(result.toFile())));
      if (quick) {
        console.note("tandem: --quick gives the order of magnitude; leave it off for figures");
      }
    } finally {
      if (jsonOut == null) {
        Files.delete(result);
      }
    }
    return ExitCode.OK;
  }

  private static String tables(List<Path> named) throws IOException {
    List<String> tables = new ArrayList<>();
    for (Path file : named.isEmpty() ? keptResults() : named) {
      JsonNode results;
      try {
        results = new ObjectMapper().readTree(file.toFile());
        if (!results.isArray()) {
          throw new IOException("JMH writes a list");
        }
      } catch (IOException e) {
        throw UserException.usage(
            "%s holds no results of JMH; name files that --json-out wrote".formatted(file));
      }
      tables.add(
          "%s\n\n%s".formatted(String.valueOf(file.getFileName()), RooflineTable.of(results)));
    }
    return String.join("\n\n", tables);
  }

  /** The committed results, in the module whose {@code target/quick} the build wrote. */
  private static List<Path> keptResults() throws IOException {
    Path built = Path.of(System.getProperty(BenchmarksProgram.FOLDER_PROPERTY, ""));
    Path folder = built.resolve("../../results").normalize();
    if (!Files.isDirectory(folder)) {
      throw UserException.missing(
          "no results are kept here; name files after --table, or run in a checkout");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private void requirePattern() {
    try {
      Pattern.compile(regex);
    } catch (PatternSyntaxException mistake) {
      throw UserException.usage(
          "'%s' is no regular expression: %s"
              .formatted(regex, String.valueOf(mistake.getDescription())));
    }
  }

  private void judge(int status) {
    if (status == NO_MATCH) {
      throw UserException.usage(
          "no benchmark matches '%s'; tandem bench --list names them all".formatted(regex));
    }
    if (status != 0) {
      throw UserException.failed(
          "the benchmarks ended with status %d; the reason is above".formatted(status));
    }
  }
}
