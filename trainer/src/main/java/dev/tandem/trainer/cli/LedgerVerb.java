package dev.tandem.trainer.cli;

import dev.tandem.aegis.LedgerStory;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.Verification;
import dev.tandem.trainer.io.RunFiles;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The record of every decision about the harness. */
@Command(
    name = "ledger",
    description = "Check or read the record of every decision about the harness.",
    subcommands = {LedgerVerb.Verify.class, LedgerVerb.Show.class})
final class LedgerVerb extends Verb {
  @Override
  ExitCode run(Console console) {
    throw UserException.usage("ledger wants verify or show; see tandem ledger --help");
  }

  @Command(
      name = "verify",
      description = "Check that no entry was changed, removed or moved; exit code 1 if one was.")
  static final class Verify extends LedgerCheck {
    @Override
    ExitCode show(Console console, Path file, Verification ledger, boolean json) {
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("valid", ledger.passed());
        result.put("entries", ledger.entries().size());
        result.put("head", ledger.head());
        ledger.fault().ifPresent(fault -> result.put("fault", fault));
        console.json(result);
      } else if (ledger.passed()) {
        console.print(
            "%s is whole: %d entries, head %s"
                .formatted(file, ledger.entries().size(), ledger.head()));
      }
      return verdict(console, file, ledger);
    }
  }

  @Command(name = "show", description = "Tell the decisions, oldest first, a sentence for each.")
  static final class Show extends LedgerCheck {
    @Override
    ExitCode show(Console console, Path file, Verification ledger, boolean json) {
      if (json) {
        console.json(Map.of("entries", ledger.entries()));
      } else {
        LedgerStory.tell(ledger.entries()).forEach(console::print);
      }
      return verdict(console, file, ledger);
    }
  }

  /** What both verbs share: finding the file, and failing when the chain is broken. */
  abstract static class LedgerCheck extends Verb {
    @Parameters(paramLabel = "RUN", description = "The folder of the run, or its ledger.")
    private Path run = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    abstract ExitCode show(Console console, Path file, Verification ledger, boolean json);

    @Override
    final ExitCode run(Console console) {
      Path file = Files.isDirectory(run) ? run.resolve(RunFiles.LEDGER) : run;
      if (Files.notExists(file)) {
        throw UserException.usage(file + " does not exist; name a run folder or a ledger");
      }
      try {
        return show(console, file, Ledger.verify(file), json);
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof CharacterCodingException) {
          throw UserException.failed(
              "%s is broken: it is not UTF-8 text; restore it from a copy".formatted(file));
        }
        throw e;
      }
    }

    static ExitCode verdict(Console console, Path file, Verification ledger) {
      ledger
          .fault()
          .ifPresent(
              fault ->
                  console.note(
                      "tandem: %s is broken: %s; trust no entry from there on"
                          .formatted(file, fault)));
      return ledger.passed() ? ExitCode.OK : ExitCode.FAILED;
    }
  }
}
