package dev.tandem.trainer.cli;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.trainer.doctor.Examination;
import dev.tandem.trainer.doctor.Finding;
import dev.tandem.trainer.doctor.KernelUse;
import dev.tandem.trainer.doctor.Machine;
import dev.tandem.trainer.doctor.MemoryTable;
import dev.tandem.trainer.doctor.NamedShapes;
import dev.tandem.trainer.doctor.Probe;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.Projection;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.plugin.PluginException;
import dev.tandem.trainer.recipe.PluginJar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description = {
      "Say what this machine has for training, and what to do about what is missing.",
      "With --model: say instead what a model takes of a GPU's memory, by mode and part."
    },
    footer = {"", "Exits with 0 when training can run here, with 69 when something is missing."})
final class DoctorVerb extends Verb {
  @Option(
      names = "--model",
      paramLabel = "DIR|NAME",
      description =
          "A folder with a config.json, with or without weights, or a published shape:"
              + " qwen2.5-0.5b, qwen2.5-1.5b, qwen2.5-3b, qwen2.5-7b.")
  private @Nullable String model;

  @Option(
      names = "--microbatch-tokens",
      paramLabel = "N",
      defaultValue = "8192",
      description =
          "With --model: a recipe's optimiser.microbatch_tokens (default: ${DEFAULT-VALUE}).")
  private int microbatchTokens = 8192;

  @Option(
      names = "--lora-rank",
      paramLabel = "N",
      defaultValue = "16",
      description = "With --model: rank of the adapter (default: ${DEFAULT-VALUE}).")
  private int loraRank = 16;

  @Option(
      names = "--sequence-tokens",
      paramLabel = "N",
      defaultValue = "1000",
      description = "With --model: tokens of a record or sequence (default: ${DEFAULT-VALUE}).")
  private int sequenceTokens = 1000;

  @Mixin private PluginOption plugins = new PluginOption();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    if (model != null) {
      return memory(console, model);
    }
    return report(console, Probe.machine(), plugins.jars(), json.wanted());
  }

  private ExitCode memory(Console console, String named) {
    Numbers.atLeast("--microbatch-tokens", microbatchTokens, 1);
    Numbers.atLeast("--lora-rank", loraRank, 1);
    Numbers.atLeast("--sequence-tokens", sequenceTokens, 2);
    ModelSpec spec;
    try {
      spec = NamedShapes.of(named);
    } catch (IllegalArgumentException unknown) {
      throw UserException.usage("--model " + unknown.getMessage());
    }
    MemoryTable table =
        new MemoryTable(
            spec,
            new LoraSettings(loraRank, loraRank, EnumSet.allOf(Projection.class)),
            microbatchTokens,
            sequenceTokens);
    if (json.wanted()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("model", named);
      report.putAll(table.facts());
      console.json(report);
    } else {
      console.print(named + ": " + table.text());
    }
    return ExitCode.OK;
  }

  static ExitCode report(
      Console console, Machine machine, List<PluginJar> plugins, boolean asJson) {
    List<Finding> findings = new ArrayList<>(Examination.of(machine));
    plugins.forEach(plugin -> findings.add(examined(plugin)));
    boolean ready = Examination.isReady(findings);
    List<KernelUse> uses = KernelUse.of(machine.kernels());
    if (asJson) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("ready", ready);
      report.put("findings", findings.stream().map(DoctorVerb::facts).toList());
      report.put("kernels", uses.stream().map(DoctorVerb::facts).toList());
      console.json(report);
    } else {
      findings.forEach(finding -> console.print(text(finding)));
      console.print("");
      console.print(KernelUse.text(uses));
      console.print("");
      console.print(ready ? "Training can run here." : "Training cannot run here yet.");
    }
    return ready ? ExitCode.OK : ExitCode.MISSING_PREREQUISITE;
  }

  /** Whether a jar can be used, by itself, and what it brings. */
  private static Finding examined(PluginJar plugin) {
    try (Doors doors = Doors.open(List.of(plugin));
        Doors ours = Doors.builtIn()) {
      Set<String> types = new TreeSet<>(ids(doors));
      types.removeAll(ids(ours));
      Set<String> environments = new TreeSet<>(doors.environments());
      environments.removeAll(ours.environments());
      Set<String> providers = new TreeSet<>(doors.providers());
      providers.removeAll(ours.providers());
      return new Finding(
          "plugin",
          Finding.State.FOUND,
          /* required= */ true,
          "%s: environments %s, processors %s, providers %s"
              .formatted(plugin.jar(), environments, types, providers),
          /* remedy= */ "");
    } catch (PluginException refused) {
      return new Finding(
          "plugin",
          Finding.State.MISSING,
          /* required= */ true,
          String.valueOf(refused.getMessage()),
          /* remedy= */ "");
    }
  }

  private static List<String> ids(Doors doors) {
    return doors.registry().types().stream().map(ProcessorType::id).toList();
  }

  private static String text(Finding finding) {
    String line =
        "%-11s  %-7s  %s".formatted(finding.name(), finding.state().text(), finding.detail());
    return finding.remedy().isEmpty()
        ? line
        : line + System.lineSeparator() + " ".repeat(22) + finding.remedy();
  }

  private static Map<String, Object> facts(KernelUse use) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("work", use.work());
    facts.put("where", use.where());
    facts.put("by", use.by());
    return facts;
  }

  private static Map<String, Object> facts(Finding finding) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", finding.name());
    facts.put("state", finding.state().text());
    facts.put("required", finding.required());
    facts.put("detail", finding.detail());
    facts.put("remedy", finding.remedy());
    return facts;
  }
}
