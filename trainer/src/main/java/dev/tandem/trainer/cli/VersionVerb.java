package dev.tandem.trainer.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What is running: the build and the machine, for bug reports. */
@Command(name = "version", description = "Print the version of Tandem, the JDK and the machine.")
final class VersionVerb extends Verb {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  ExitCode run(Console console) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("tandem", Version.text());
    facts.put("jdk", Runtime.version().toString());
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("arch", System.getProperty("os.arch"));
    facts.put("processors", Runtime.getRuntime().availableProcessors());
    if (json) {
      console.json(facts);
    } else {
      facts.forEach((name, value) -> console.print("%-10s %s".formatted(name, value)));
    }
    return ExitCode.OK;
  }
}
