package dev.tandem.trainer.cli;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.trainer.doctor.Examination;
import dev.tandem.trainer.doctor.Finding;
import dev.tandem.trainer.doctor.Machine;
import dev.tandem.trainer.doctor.Probe;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.plugin.PluginException;
import dev.tandem.trainer.recipe.PluginJar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "doctor",
    description = "Say what this machine has for training, and what to do about what is missing.",
    footer = {"", "Exits with 0 when training can run here, with 69 when something is missing."})
final class DoctorVerb extends Verb {
  @Mixin private PluginOption plugins = new PluginOption();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    return report(console, Probe.machine(), plugins.jars(), json.wanted());
  }

  static ExitCode report(
      Console console, Machine machine, List<PluginJar> plugins, boolean asJson) {
    List<Finding> findings = new ArrayList<>(Examination.of(machine));
    plugins.forEach(plugin -> findings.add(examined(plugin)));
    boolean ready = Examination.isReady(findings);
    if (asJson) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("ready", ready);
      report.put("findings", findings.stream().map(DoctorVerb::facts).toList());
      console.json(report);
    } else {
      findings.forEach(finding -> console.print(text(finding)));
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
