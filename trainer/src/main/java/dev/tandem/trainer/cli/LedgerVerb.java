package dev.tandem.trainer.cli;

import dev.tandem.aegis.LedgerStory;
import dev.tandem.aegis.ledger.HeadSignature;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerFault;
import dev.tandem.aegis.ledger.SigningKey;
import dev.tandem.aegis.ledger.Verification;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The record of every decision about the harness. */
@Command(
    name = "ledger",
    description = "Check or read the record of every decision about the harness.",
    subcommands = {LedgerVerb.Verify.class, LedgerVerb.Show.class, LedgerVerb.Keygen.class})
final class LedgerVerb extends Verb {
  @Override
  ExitCode run(Console console) {
    throw UserException.usage("ledger wants verify, show or keygen; see tandem ledger --help");
  }

  @Command(
      name = "verify",
      description = {
        "Check every byte: that no entry was changed, removed, put in or moved.",
        "Exit code 1 if one was; the line, the entry and the byte are named."
      })
  static final class Verify extends LedgerCheck {
    @Option(
        names = "--proofs",
        description =
            "Also do the sums of every proof again, from the gate episodes that the run stored.")
    private boolean proofs;

    @Option(
        names = "--public-key",
        paramLabel = "FILE",
        description =
            "Also check that the ledger is the one that was signed, not cut off or written anew;"
                + " the signature is beside it.")
    private @Nullable Path publicKey;

    @Override
    ExitCode show(Console console, Path file, Verification ledger, boolean json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("valid", ledger.passed());
      result.put("entries", ledger.entries().size());
      result.put("head", ledger.head());
      ledger.fault().ifPresent(fault -> describe(fault, result));
      List<String> wrong = new ArrayList<>();
      List<String> right = new ArrayList<>();
      if (ledger.passed()) {
        right.add(
            "%s is whole: %d entries, head %s"
                .formatted(file, ledger.entries().size(), ledger.head()));
        checkSignature(file, ledger, result, right, wrong);
        checkProofs(ledger, result, right, wrong);
      }
      if (json) {
        console.json(result);
      } else {
        right.forEach(console::print);
      }
      wrong.forEach(sentence -> console.note("tandem: " + sentence));
      return wrong.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static void describe(LedgerFault fault, Map<String, Object> result) {
      result.put("fault", fault.sentence());
      result.put("kind", fault.kind().name().toLowerCase(Locale.ROOT));
      result.put("line", fault.line());
      result.put("entry", fault.entry());
      result.put("byte", fault.offset());
    }

    private void checkSignature(
        Path file,
        Verification ledger,
        Map<String, Object> result,
        List<String> right,
        List<String> wrong) {
      Path keyFile = publicKey;
      if (keyFile == null) {
        return;
      }
      PublicKey key = SigningKey.readPublic(keyFile);
      HeadSignature.Finding found =
          HeadSignature.check(file.resolveSibling(RunFiles.SIGNATURE), ledger, key, keyFile);
      boolean goesOn = Files.isDirectory(run()) && !isAtItsEnd(run());
      Optional<String> fault =
          found
              .fault()
              .or(
                  () ->
                      found.unsigned() > 0 && !goesOn
                          ? Optional.of(
                              "the last %d entries were added after the ledger was signed"
                                  .formatted(found.unsigned()))
                          : Optional.empty());
      result.put("signed", fault.isEmpty());
      result.put("unsigned_entries", found.unsigned());
      fault.ifPresent(sentence -> result.put("signature_fault", sentence));
      fault.ifPresentOrElse(
          wrong::add,
          () ->
              right.add(
                  "signed by the key %s%s"
                      .formatted(
                          SigningKey.fingerprint(key),
                          found.unsigned() == 0
                              ? ""
                              : "; the last %d entries are of a round that is not complete, and not signed yet"
                                  .formatted(found.unsigned()))));
    }

    private static boolean isAtItsEnd(Path run) {
      return Files.exists(run.resolve(RunFiles.SUMMARY));
    }

    private void checkProofs(
        Verification ledger, Map<String, Object> result, List<String> right, List<String> wrong) {
      if (!proofs) {
        return;
      }
      StoredProofs.Findings found = StoredProofs.check(folder(), ledger.entries());
      result.put("proofs", found.proofs());
      result.put("proof_differences", found.differences());
      wrong.addAll(found.differences());
      right.add(
          "%d proofs recomputed from %d gate episodes%s"
              .formatted(
                  found.proofs(),
                  found.episodes(),
                  found.differences().isEmpty() ? ", all as the ledger has them" : ""));
    }

    /** Of the run, which has the episodes. */
    private Path folder() {
      if (!Files.isDirectory(run())) {
        throw UserException.usage(
            "--proofs needs the episodes beside the ledger: name the folder of the run, not "
                + run());
      }
      return run();
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
      return ExitCode.OK;
    }
  }

  @Command(
      name = "keygen",
      description = {
        "Make a pair of keys to sign the heads of ledgers with (Ed25519).",
        "FILE is for aegis.signing_key in a recipe and is its owner's alone; FILE.pub is for who"
            + " checks."
      })
  static final class Keygen extends Verb {
    @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
    private Path file = Path.of("");

    @Override
    ExitCode run(Console console) throws IOException {
      Path publicHalf = file.resolveSibling(file.getFileName() + ".pub");
      SigningKey key = SigningKey.generate();
      try {
        key.write(file, publicHalf);
      } catch (FileAlreadyExistsException there) {
        throw UserException.usage(
            there.getFile() + " is there already, and no key is overwritten: name another file");
      }
      console.print(
          "%s: the pair, for aegis.signing_key%n%s: the public half, for ledger verify --public-key%nfingerprint %s"
              .formatted(file, publicHalf, key.fingerprint()));
      return ExitCode.OK;
    }
  }

  /** What both verbs share: finding the file, and failing when the chain is broken. */
  abstract static class LedgerCheck extends Verb {
    @Parameters(paramLabel = "RUN", description = "The folder of the run, or its ledger.")
    private Path run = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    final Path run() {
      return run;
    }

    abstract ExitCode show(Console console, Path file, Verification ledger, boolean json);

    @Override
    final ExitCode run(Console console) throws IOException {
      Path file = Files.isDirectory(run) ? run.resolve(RunFiles.LEDGER) : run;
      if (Files.isRegularFile(file)) {
        Verification ledger = Ledger.verify(file);
        if (ledger.passed() && Files.isDirectory(run)) {
          RunRecords.requireLedger(run);
        }
        ExitCode shown = show(console, file, ledger, json);
        if (ledger.fault().isPresent()) {
          console.note(broken(file, ledger.fault().get()));
          return ExitCode.FAILED;
        }
        return shown;
      }
      if (Files.isDirectory(run)) {
        RunRecords.requireLedger(run);
      }
      throw UserException.usage(file + " does not exist; name a run folder or a ledger");
    }

    private String broken(Path file, LedgerFault fault) throws IOException {
      Optional<byte[]> written =
          Files.isDirectory(run) ? RunRecords.ledgerAsWritten(run) : Optional.empty();
      String exactly =
          written.isPresent() ? firstDifference(Files.readAllBytes(file), written.get()) : "";
      return "tandem: %s is broken: %s%s; trust no entry from there on"
          .formatted(file, fault.sentence(), exactly);
    }

    /** Where the run's copy shows it, the very byte. */
    private static String firstDifference(byte[] bytes, byte[] written) {
      int at = Arrays.mismatch(bytes, written);
      return at < 0 || at >= Math.min(bytes.length, written.length)
          ? ""
          : "; the newest round's copy has 0x%02x at byte %d where 0x%02x stands"
              .formatted(written[at], at, bytes[at]);
    }
  }
}
