package dev.tandem.trainer.cli;

import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessChange;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Doors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The harness as a value: what it is, how two differ, whether one can be used. */
@Command(
    name = "harness",
    description = "Look at harnesses: what one is, how two differ, whether files are valid.",
    subcommands = {HarnessVerb.Show.class, HarnessVerb.Diff.class, HarnessVerb.Validate.class})
final class HarnessVerb extends Verb {
  @Override
  ExitCode run(Console console) {
    throw UserException.usage("harness wants show, diff or validate; see tandem harness --help");
  }

  @Command(
      name = "show",
      description =
          "Print a harness: its content hash, slots, processors and the order they act in.")
  static final class Show extends Verb {
    @Parameters(paramLabel = "FILE", description = "YAML or JSON, or the folder of a run.")
    private Path file = Path.of("");

    @Mixin private PluginOption plugins = new PluginOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    ExitCode run(Console console) throws IOException {
      try (Doors doors = plugins.doors(List.of(file))) {
        ProcessorRegistry registry = doors.registry();
        HarnessPool pool = load(file, registry);
        if (pool.members().size() > 1) {
          show(console, pool, registry);
          return ExitCode.OK;
        }
        Harness harness = Harness.compile(pool.base(), registry);
        if (json) {
          console.json(HarnessListing.json(harness, registry));
        } else {
          console.print(HarnessListing.text(harness, registry));
        }
        return ExitCode.OK;
      }
    }

    private void show(Console console, HarnessPool pool, ProcessorRegistry registry) {
      Map<String, Object> variants = new LinkedHashMap<>();
      for (HarnessPool.Member member : pool.members()) {
        Harness harness = Harness.compile(member.harness(), registry);
        variants.put(member.id(), HarnessListing.json(harness, registry));
        if (!json) {
          console.print(
              "%s serves %s:"
                  .formatted(
                      member.id(),
                      member.clusters().isEmpty()
                          ? "all other kinds of task"
                          : String.join(", ", member.clusters())));
          console.print(HarnessListing.text(harness, registry));
        }
      }
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("default", pool.fallback());
        result.put("routes", pool.routes());
        result.put("variants", variants);
        console.json(result);
      }
    }
  }

  @Command(
      name = "diff",
      description =
          "Print what behaves differently between two harnesses; nothing if nothing does.")
  static final class Diff extends Verb {
    @Parameters(
        index = "0",
        paramLabel = "BEFORE",
        description = "YAML or JSON, or a run's folder.")
    private Path before = Path.of("");

    @Parameters(index = "1", paramLabel = "AFTER", description = "YAML or JSON, or a run's folder.")
    private Path after = Path.of("");

    @Mixin private PluginOption plugins = new PluginOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    ExitCode run(Console console) throws IOException {
      try (Doors doors = plugins.doors(List.of(before, after))) {
        return differ(console, doors.registry());
      }
    }

    private ExitCode differ(Console console, ProcessorRegistry registry) throws IOException {
      HarnessConfig old = single(before, registry);
      HarnessConfig current = single(after, registry);
      List<HarnessChange> changes = HarnessConfig.changes(old, current, registry);
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("before", old.hash(registry));
        result.put("after", current.hash(registry));
        result.put("changes", changes.stream().map(HarnessListing::json).toList());
        console.json(result);
      } else if (changes.isEmpty()) {
        console.note("tandem: the harnesses behave alike, hash " + old.hash(registry));
      } else {
        changes.forEach(change -> console.print(change.describe()));
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "validate",
      description =
          "Check harness files; every problem with its line, exit code 1 if there is one.")
  static final class Validate extends Verb {
    @Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description = "YAML or JSON, or the folder of a run.")
    private List<Path> files = List.of();

    @Mixin private PluginOption plugins = new PluginOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    ExitCode run(Console console) throws IOException {
      try (Doors doors = plugins.doors(files)) {
        return check(console, doors.registry());
      }
    }

    private ExitCode check(Console console, ProcessorRegistry registry) throws IOException {
      List<Map<String, Object>> results = new ArrayList<>();
      boolean allValid = true;
      for (Path file : files) {
        Map<String, Object> result = check(file, registry);
        boolean valid = result.get("hash") != null;
        allValid &= valid;
        results.add(result);
        if (!json && valid) {
          console.print("%s is valid, hash %s".formatted(file, result.get("hash")));
        } else if (!json && result.get("problems") instanceof List<?> problems) {
          problems.forEach(problem -> console.note("tandem: " + problem));
        }
      }
      if (json) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("valid", allValid);
        summary.put("files", results);
        console.json(summary);
      }
      return allValid ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Map<String, Object> check(Path file, ProcessorRegistry registry)
        throws IOException {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", file.toString());
      try {
        result.put("hash", compiled(parse(file, registry), registry).hash(registry));
        result.put("problems", List.of());
      } catch (HarnessException e) {
        result.put("problems", e.problems());
      }
      return result;
    }
  }

  private static HarnessPool compiled(HarnessPool pool, ProcessorRegistry registry) {
    pool.members().forEach(member -> Harness.compile(member.harness(), registry));
    return pool;
  }

  /** Two pools have no one difference. */
  private static HarnessConfig single(Path file, ProcessorRegistry registry) throws IOException {
    HarnessPool pool = load(file, registry);
    if (pool.members().size() > 1) {
      throw UserException.usage(
          "%s is a pool of %d harnesses: name files of one harness each"
              .formatted(file, pool.members().size()));
    }
    return pool.base();
  }

  private static HarnessPool load(Path file, ProcessorRegistry registry) throws IOException {
    try {
      return parse(file, registry);
    } catch (HarnessException e) {
      throw UserException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static HarnessPool parse(Path path, ProcessorRegistry registry) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(RunFiles.HARNESS) : path;
    if (!Files.isRegularFile(file)) {
      throw UserException.usage(file + " does not exist; name a harness file or a finished run");
    }
    return HarnessPool.parse(
        InputFile.text(file, "a harness file or a finished run"), file.toString(), registry);
  }
}
