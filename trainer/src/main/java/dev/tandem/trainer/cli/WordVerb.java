package dev.tandem.trainer.cli;

import dev.tandem.aegis.Waiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person's word on an edit that waits; the run hears it before its next round. */
abstract class WordVerb extends Verb {
  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "ID",
      description = "The edit that waits, such as r0003-1, as the run and its ledger name it.")
  private String id = "";

  @Option(names = "--note", paramLabel = "TEXT", description = "Why; it goes into the ledger.")
  private String note = "";

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who says so (default: the user's name on this machine).")
  private String by = System.getProperty("user.name", "somebody");

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  abstract boolean approves();

  @Override
  final ExitCode run(Console console) throws IOException {
    Waiting waiting = waiting();
    Words words = new Words(run);
    Optional<Word> said = words.on(id);
    if (said.isPresent()) {
      throw UserException.usage(
          "%s was %s by %s, %s, and the run has not heard it yet: remove %s to take the word back"
              .formatted(id, told(said.get()), said.get().by(), said.get().at(), words.file(id)));
    }
    Word word =
        new Word(
            id,
            waiting.harness(),
            approves(),
            by,
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            note);
    words.say(word);
    if (json) {
      console.json(word);
    } else {
      console.print(
          "%s is %s; the run hears it before its next round: if it has stopped, go on with train --resume"
              .formatted(id, told(word)));
    }
    return ExitCode.OK;
  }

  private static String told(Word word) {
    return word.approved() ? "approved" : "rejected";
  }

  private Waiting waiting() {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = RunFiles.isRun(run) ? folder.newestRound() : Optional.empty();
    if (newest.isEmpty()) {
      throw UserException.usage(run + " holds no run with a complete round: name a run's folder");
    }
    Waiting waiting = folder.state(newest.get()).aegis().waiting();
    if (waiting == null) {
      throw UserException.usage("no edit waits for a person in " + run);
    }
    if (!waiting.id().equals(id)) {
      throw UserException.usage(
          "%s does not wait for a person in %s; %s does".formatted(id, run, waiting.id()));
    }
    return waiting;
  }
}
