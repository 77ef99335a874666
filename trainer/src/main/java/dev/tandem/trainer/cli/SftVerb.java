package dev.tandem.trainer.cli;

import dev.tandem.trainer.SftRun;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.recipe.yaml.Difference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sft",
    description = {
      "Teach a model what an expert does, or what the assistant says in conversations.",
      "Reads the model, the environment and the warm start of a recipe of train; what comes out is"
          + " a checkpoint, and train begins with one under model.checkpoint."
    },
    footer = {
      "",
      "Examples:",
      "  tandem sft --chats chats.jsonl --checkpoint models/qwen --out runs/chats \\",
      "    --set warm_start.optimiser=adamw --set warm_start.learning_rate=1e-5",
      "  tandem sft configs/house.yaml --out runs/cloned"
    })
final class SftVerb extends Verb {
  @Parameters(
      paramLabel = "CONFIG",
      arity = "0..1",
      description = "The recipe, such as configs/house.yaml; the defaults if not given.")
  private @Nullable Path recipe;

  @Option(
      names = "--chats",
      paramLabel = "FILE",
      description =
          "JSONL to learn from in the expert's place, {\"messages\": [..], \"tools\": [..]} a line"
              + " (warm_start.chats.file).")
  private @Nullable Path chats;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "Hugging Face folder to begin from (model.checkpoint); else a fresh model.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Change one setting, such as --set warm_start.passes=3; repeatable.")
  private List<String> sets = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder to write, the checkpoint in DIR/checkpoint; runs/sft if not given.")
  private Path out = Path.of("runs", "sft");

  @Option(names = "--resume", description = "Go on with what is in the folder after a kill.")
  private boolean resume;

  @Option(
      names = "--demonstrations",
      paramLabel = "FILE",
      description =
          "Teach nothing: write what the environment's expert shows as JSONL, a line for each"
              + " answer.")
  private @Nullable Path demonstrations;

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  Remains remains() {
    return _ -> "the warm start has not begun";
  }

  @Override
  ExitCode run(Console console) throws IOException {
    try (Recipe loaded = loaded()) {
      if (demonstrations != null) {
        return write(console, loaded, demonstrations);
      }
      requireFolder();
      try (SftRun run =
              new SftRun(
                  loaded.config(),
                  loaded.doors(),
                  out,
                  device.execution(),
                  new ConsoleMonitor(console));
          OutputFolder folder = OutputFolder.take(out)) {
        if (resume) {
          requireSame(loaded.config());
        }
        Optional<String> finished = resume ? SftRun.finished(out) : Optional.empty();
        if (finished.isPresent()) {
          console.print(json ? finished.get() : "the checkpoint in %s is complete".formatted(out));
          return ExitCode.OK;
        }
        folder.requireRoom(run.bytesNeeded());
        console.leaves(new RunRemains(console, run.saves(), arguments()));
        SftRun.Summary summary = run.execute();
        console.leaves(_ -> "the warm start is complete");
        if (json) {
          console.json(summary);
        } else {
          console.print(text(summary));
        }
      }
    }
    return ExitCode.OK;
  }

  private Recipe loaded() {
    List<String> all = new ArrayList<>(sets);
    if (checkpoint != null) {
      all.add(ConfigLoader.set("model.checkpoint", checkpoint));
    }
    if (chats != null) {
      all.add(ConfigLoader.set("warm_start.chats.file", chats.toAbsolutePath().normalize()));
    }
    return recipe == null ? Recipe.ofDefaults(all) : Recipe.load(recipe, all);
  }

  private ExitCode write(Console console, Recipe loaded, Path file) throws IOException {
    if (loaded.config().warmStart().chats().file() != null) {
      throw UserException.usage(
          "--demonstrations writes what an expert shows, and the recipe names conversations: leave"
              + " warm_start.chats out");
    }
    InputFile.requireWritable("--demonstrations", file);
    try (SftRun run =
        new SftRun(
            loaded.config(),
            loaded.doors(),
            out,
            device.execution(),
            new ConsoleMonitor(console))) {
      int lessons = run.writeDemonstrations(file);
      console.print("%,d conversations are in %s".formatted(lessons, file));
    }
    return ExitCode.OK;
  }

  private void requireFolder() {
    boolean begun = Files.exists(out.resolve(SftRun.RECIPE));
    if (resume && !begun) {
      throw UserException.usage(
          "%s holds no warm start to resume: it has no %s; leave --resume off to start one there"
              .formatted(out, SftRun.RECIPE));
    }
    if (!resume && (begun || RunFiles.isRun(out))) {
      throw UserException.usage(
          "%s already holds a %s; %sname another --out"
              .formatted(
                  out,
                  begun ? "warm start" : "run",
                  begun ? "add --resume to go on with it or " : ""));
    }
  }

  private void requireSame(RunConfig now) {
    List<Difference> all = ConfigLoader.differences(Recipe.said(out.resolve(SftRun.RECIPE)), now);
    if (!all.isEmpty()) {
      Difference first = all.getFirst();
      throw UserException.usage(
          "the warm start in %s began with %s: %s and the recipe now says %s: resume with the recipe it began with, or leave --resume off and name another --out"
              .formatted(out, first.key(), first.was(), first.is()));
    }
  }

  private static String text(SftRun.Summary summary) {
    return String.format(
        Locale.ROOT,
        """

        %d passes, %,d steps, %.0f s
        held-out loss  %.3f  ->  %.3f nats a token (perplexity %.2f  ->  %.2f)%s
        weights        %s
        checkpoint     %s\
        """,
        summary.passes(),
        summary.steps(),
        summary.seconds(),
        summary.before().loss(),
        summary.after().loss(),
        summary.before().perplexity(),
        summary.perplexity(),
        world(summary),
        summary.weightsSha256().substring(0, 12),
        summary.checkpoint());
  }

  private static String world(SftRun.Summary summary) {
    Double before = summary.before().world();
    Double after = summary.after().world();
    return before == null || after == null
        ? ""
        : String.format(Locale.ROOT, "%nobserved       %.3f  ->  %.3f", before, after);
  }
}
