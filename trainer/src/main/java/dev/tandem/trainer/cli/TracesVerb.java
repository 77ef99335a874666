package dev.tandem.trainer.cli;

import dev.tandem.harness.value.Suggestion;
import dev.tandem.rollout.store.EpisodeText;
import dev.tandem.rollout.store.TraceException;
import dev.tandem.rollout.store.TraceExport;
import dev.tandem.rollout.store.TraceRow;
import dev.tandem.rollout.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The episodes of a run. */
@Command(
    name = "traces",
    description = "Look at a run's episodes: list them, read one, search them, export their rows.",
    subcommands = {
      TracesVerb.Listing.class,
      TracesVerb.Show.class,
      TracesVerb.Grep.class,
      TracesVerb.Export.class
    })
final class TracesVerb extends Verb {
  @Override
  ExitCode run(Console console) {
    throw UserException.usage("traces wants list, show, grep or export; see tandem traces --help");
  }

  @Command(
      name = "list",
      description = "Print a line for each episode, in the order they were played.")
  static final class Listing extends StoreVerb {
    @Mixin private final TraceFilter filter = new TraceFilter();

    @Option(
        names = "--limit",
        defaultValue = "100",
        description = "The most to print; default ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    ExitCode run(Console console, TraceStore store) {
      if (limit < 1) {
        throw UserException.usage("--limit must be at least 1, was " + limit);
      }
      List<TraceRow> rows = store.find(filter.query(store));
      List<TraceRow> shown = rows.subList(0, Math.min(limit, rows.size()));
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("found", rows.size());
        result.put("episodes", shown);
        console.json(result);
        return ExitCode.OK;
      }
      shown.forEach(row -> console.print(line(row)));
      console.note(
          rows.isEmpty()
              ? "tandem: no episode is like that; leave a filter out to see more"
              : "tandem: %d of %d episodes; tandem traces show RUN ID prints one"
                  .formatted(shown.size(), rows.size()));
      return ExitCode.OK;
    }

    private static String line(TraceRow row) {
      String outcome = row.isBroken() ? "broken" : row.success() ? "success" : "failed";
      return "%-16s %-10s %-7s %4d steps %7d tokens  %-14s %-16s %s  %s"
          .formatted(
              row.id(),
              row.phase().id(),
              outcome,
              row.steps(),
              row.responseTokens(),
              row.exitReason().name().toLowerCase(Locale.ROOT),
              row.category(),
              row.harness().substring(0, Math.min(8, row.harness().length())),
              row.isBroken() ? row.detail() : String.join(" ", row.failures()))
          .stripTrailing();
    }
  }

  @Command(name = "show", description = "Print an episode as a story: seen, said, done, judged.")
  static final class Show extends StoreVerb {
    private static final int WIDTH = 100;

    @Parameters(
        index = "1",
        paramLabel = "ID",
        description = "The episode's id, as the list has it.")
    private String id = "";

    @Override
    ExitCode run(Console console, TraceStore store) {
      TraceRow row;
      try {
        row = store.row(id);
      } catch (TraceException unknown) {
        throw UserException.usage(String.valueOf(unknown.getMessage()));
      }
      console.print(EpisodeText.page(store.load(row), WIDTH));
      return ExitCode.OK;
    }
  }

  @Command(
      name = "grep",
      description =
          "Print the lines of what agents saw, said and did that match a regular expression,"
              + " with episode and step; exit code 1 if none does.")
  static final class Grep extends StoreVerb {
    @Parameters(index = "1", paramLabel = "PATTERN", description = "A regular expression.")
    private String pattern = "";

    @Option(
        names = {"-i", "--ignore-case"},
        description = "Whatever the case.")
    private boolean ignoreCase;

    @Mixin private final TraceFilter filter = new TraceFilter();

    @Override
    ExitCode run(Console console, TraceStore store) {
      Pattern wanted = compiled();
      boolean[] found = new boolean[1];
      store.forEach(
          filter.query(store),
          (row, episode) -> {
            for (EpisodeText.Passage passage : EpisodeText.passages(episode)) {
              for (String line : passage.text().lines().toList()) {
                if (wanted.matcher(line).find()) {
                  found[0] = true;
                  console.print(where(row, passage) + line);
                }
              }
            }
          });
      return found[0] ? ExitCode.OK : ExitCode.FAILED;
    }

    private static String where(TraceRow row, EpisodeText.Passage passage) {
      return passage.step() < 0
          ? "%s: %s: ".formatted(row.id(), passage.label())
          : "%s step %d: %s: ".formatted(row.id(), passage.step(), passage.label());
    }

    private Pattern compiled() {
      try {
        return Pattern.compile(pattern, ignoreCase ? Pattern.CASE_INSENSITIVE : 0);
      } catch (PatternSyntaxException e) {
        throw UserException.usage(
            "'%s' is no regular expression (%s); put a backslash before what is meant as it is"
                .formatted(pattern, e.getDescription()));
      }
    }
  }

  @Command(
      name = "export",
      description = "Write a row for each episode to a .parquet, .csv or .jsonl file.")
  static final class Export extends StoreVerb {
    @Option(names = "--to", required = true, paramLabel = "FILE", description = "What to write.")
    private Path target = Path.of("");

    @Option(
        names = "--duckdb",
        paramLabel = "JAR",
        description = "DuckDB's JDBC driver, for Parquet; else Maven's local repository is asked.")
    private Path duckdb = Path.of("");

    @Mixin private final TraceFilter filter = new TraceFilter();

    @Override
    Remains remains() {
      return _ -> target + " may be incomplete";
    }

    @Override
    ExitCode run(Console console, TraceStore store) throws IOException {
      TraceExport.Format format =
          TraceExport.Format.of(target)
              .orElseThrow(
                  () ->
                      UserException.usage(
                          "%s has no known ending; use .parquet, .csv or .jsonl"
                              .formatted(target)));
      InputFile.requireWritable("--to", target);
      List<TraceRow> rows = store.find(filter.query(store));
      switch (format) {
        case CSV -> TraceExport.csv(rows, target);
        case JSON_LINES -> TraceExport.jsonLines(rows, target);
        case PARQUET ->
            TraceExport.parquet(
                rows,
                target,
                DuckDb.jar(duckdb).orElseThrow(() -> UserException.missing(DuckDb.MISSING)));
      }
      console.print("%d episodes in %s".formatted(rows.size(), target));
      return ExitCode.OK;
    }
  }

  /** What all of them share: a run, and a note about what cannot be read of it. */
  abstract static class StoreVerb extends Verb {
    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of the run.")
    private Path run = Path.of("");

    abstract ExitCode run(Console console, TraceStore store) throws IOException;

    @Override
    final ExitCode run(Console console) throws IOException {
      if (!Files.isDirectory(run)) {
        throw UserException.usage(
            run + " does not exist; name the folder that was given to train as --out");
      }
      if (!Files.isDirectory(run.resolve(TraceStore.FOLDER))) {
        throw UserException.usage(run + " has no traces; name the folder of a run");
      }
      try (TraceStore store = TraceStore.openExisting(run)) {
        store.damage().forEach(problem -> console.note("tandem: " + problem));
        return run(console, store);
      }
    }
  }

  /** Refuses a filter that nothing can pass, with what may have been meant. */
  static String known(String option, String value, List<String> values) {
    if (values.contains(value)) {
      return value;
    }
    throw UserException.usage(
        "no episode has %s %s%s".formatted(option, value, Suggestion.forUnknown(value, values)));
  }
}
