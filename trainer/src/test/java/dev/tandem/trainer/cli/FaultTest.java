package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.trainer.KillingMonitor;
import dev.tandem.trainer.RunOutcome;
import dev.tandem.trainer.TinyRun;
import dev.tandem.trainer.TrainingRun;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file of a finished and of an unfinished run is damaged in every way, and every verb that
 * reads a run is tried on what is left. With {@code -Dtandem.faults=FILE} all of it is, and the
 * table of outcomes goes to that file; else some. {@code tandem.faults.every} thins either out.
 */
final class FaultTest {
  private static final int EVERY = 127;

  @TempDir private static Path shared;
  private static Path recipe = Path.of("");

  @TempDir private Path folder;

  /** What may happen to a file. */
  private enum Fault {
    DELETED {
      @Override
      void befall(Path file) throws IOException {
        Files.delete(file);
      }
    },
    HALVED {
      @Override
      void befall(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    FLIPPED {
      @Override
      void befall(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > 0) {
          bytes[bytes.length / 2] ^= 1;
        }
        Files.write(file, bytes);
      }
    },
    GARBAGE {
      @Override
      void befall(Path file) throws IOException {
        Files.write(file, new byte[] {'#', 0, -1, '\n'}, StandardOpenOption.APPEND);
      }
    },
    FOLDER {
      @Override
      void befall(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        Files.writeString(file.resolve("something"), "else");
      }
    },
    UNREADABLE {
      @Override
      void befall(Path file) {
        file.toFile().setReadable(false, false);
      }
    };

    abstract void befall(Path file) throws IOException;
  }

  /** What reads a run. */
  private enum Reader {
    REPORT,
    EVAL,
    EXPORT,
    LEDGER,
    TRACES,
    RESUME
  }

  /** What a verb said and did. */
  private record Reading(int status, String result, String said) {}

  /** How a verb took a fault. */
  private enum Outcome {
    CORRECT("correct"),
    NOTED("says so"),
    REFUSED("refuses"),
    PLAYED_AGAIN("no round yet"),
    WRONG("WRONG");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }
  }

  @BeforeAll
  static void runBoth() throws IOException {
    recipe =
        Files.writeString(shared.resolve("recipe.yaml"), ConfigLoader.effective(TinyRun.config()));
    Reading whole = tandem("train", recipe, "--out", shared.resolve("finished"), "--device", "cpu");
    assertThat(whole.status()).as(whole.said()).isZero();
    Path stopped = Files.createDirectory(shared.resolve("unfinished"));
    Files.copy(shared.resolve("finished/config.yaml"), stopped.resolve("config.yaml"));
    try (TrainingRun run =
        new TrainingRun(
            TinyRun.config(),
            stopped,
            DeviceOption.execution("cpu", () -> null, Runtime.getRuntime().availableProcessors()),
            KillingMonitor.under("round 3 training"))) {
      assertThatThrownBy(run::execute).hasMessageContaining("round 3 training");
    }
    Files.createFile(stopped.resolve(".lock"));
  }

  private static Reading tandem(Object... arguments) {
    CommandLineOf.Said said = CommandLineOf.tandem(arguments);
    return new Reading(said.status(), said.out(), said.err());
  }

  /** Runs a verb on a run, whose folder always has the same path. */
  private Reading read(Reader reader, Path run, int newest, String damaged) throws IOException {
    Path exported = folder.resolve("exported");
    Path harness = run.resolve("harness.yaml");
    Path other =
        Files.writeString(
            folder.resolve("harness.yaml"), "processors:\n  - type: observation_renderer\n");
    return switch (reader) {
      case REPORT -> {
        Reading said = tandem("report", run);
        Path page = run.resolve("report.html");
        yield said.status() == 0
            ? new Reading(0, ContentHash.sha256(Files.readAllBytes(page)), said.said())
            : said;
      }
      case EVAL ->
          tandem(
              "eval",
              "--checkpoint",
              run.resolve("checkpoints/round-%04d".formatted(newest)),
              "--harness",
              newest == TinyRun.ROUNDS ? harness : other,
              "--episodes",
              2,
              "--device",
              "cpu");
      case EXPORT -> {
        remove(exported);
        Reading said = tandem("export", run, "--to", exported);
        yield said.status() == 0 ? new Reading(0, bytes(exported).toString(), said.said()) : said;
      }
      case LEDGER -> tandem("ledger", "verify", run);
      case TRACES -> tandem("traces", "list", run);
      case RESUME -> {
        Reading said = tandem("train", recipe, "--out", run, "--resume", "--device", "cpu");
        yield said.status() == 0
            ? new Reading(0, remains(run, damaged, newest), said.said())
            : said;
      }
    };
  }

  /**
   * What a run came to, less what was put out of the way, and less a damaged file of a checkpoint
   * that nothing needs as long as nobody goes back to it.
   */
  private static String remains(Path run, String damaged, int newest) throws IOException {
    if (spare(damaged, newest)) {
      remove(run.resolve(damaged));
    }
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".damaged")).toList()) {
        remove(file); // perhaps unreadable, as it was found
      }
    }
    run.resolve(damaged).toFile().setReadable(true, true);
    StringBuilder lines = new StringBuilder();
    RunOutcome.of(run)
        .forEach(
            (name, content) ->
                lines.append(name).append('=').append(content.replace('\n', ' ')).append('\n'));
    return lines.toString();
  }

  private static boolean spare(String file, int newest) {
    return file.startsWith("checkpoints/round-000%d/".formatted(newest - 1))
        || file.startsWith("checkpoints/round-0000/run/")
        || file.equals("checkpoints/round-0000/run-state.json")
        || file.equals("checkpoints/round-0000/optimiser.safetensors");
  }

  private static Map<String, String> bytes(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.startsWith("index.sqlite") && !name.equals(".lock") && Files.isReadable(file)) {
          files.put(name, ContentHash.sha256(Files.readAllBytes(file)));
        }
      }
    }
    return files;
  }

  private static void remove(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> all = Files.walk(tree)) {
        for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static Outcome judge(
      Reader reader, String file, int newest, Reading whole, Reading now, boolean untouched) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    boolean named = now.said().contains(name);
    if (now.said().contains("unexpected") || now.said().contains("\tat ")) {
      return Outcome.WRONG;
    }
    if (now.status() != whole.status() || now.status() != 0) {
      String last =
          now.said().lines().toList().isEmpty() ? "" : now.said().lines().toList().getLast();
      return last.startsWith("tandem: ") && last.contains(name) && untouched
          ? Outcome.REFUSED
          : Outcome.WRONG;
    }
    boolean partial =
        ((reader == Reader.TRACES || reader == Reader.REPORT) && file.startsWith("traces/"))
            || (reader == Reader.EVAL && file.equals("harness.yaml"));
    if (!now.result().equals(whole.result())) {
      boolean sameButForTheFile =
          reader == Reader.RESUME
              && (file.startsWith("traces/") || spare(file, newest))
              && without(now.result(), file).equals(without(whole.result(), file));
      if (sameButForTheFile && spare(file, newest)) {
        return Outcome.CORRECT;
      }
      if (partial && file.startsWith("traces/round-%04d".formatted(newest + 1))) {
        return Outcome.PLAYED_AGAIN;
      }
      return named && (partial || sameButForTheFile) ? Outcome.NOTED : Outcome.WRONG;
    }
    return named && !whole.said().contains(name) ? Outcome.NOTED : Outcome.CORRECT;
  }

  private static String without(String lines, String file) {
    return lines
        .lines()
        .filter(line -> !line.startsWith(file + "=") && !line.startsWith(file + "/"))
        .collect(java.util.stream.Collectors.joining("\n"));
  }

  private record Row(String run, String file, String outcomes) {}

  @Test
  void noFaultIsBelievedAndNoneLosesACompleteRound() throws IOException {
    String target = System.getProperty("tandem.faults", "");
    int every = Integer.getInteger("tandem.faults.every", target.isEmpty() ? EVERY : 1);
    Map<Row, Set<Fault>> table = new LinkedHashMap<>();
    TreeSet<String> sentences = new TreeSet<>();
    List<String> wrong = new ArrayList<>();
    int number = 0;
    boolean unreadable = isAnythingUnreadable();
    for (String kind : List.of("finished", "unfinished")) {
      int newest = kind.equals("finished") ? TinyRun.ROUNDS : TinyRun.ROUNDS - 1;
      Path run = folder.resolve("run");
      Map<Reader, Reading> whole = new EnumMap<>(Reader.class);
      for (Reader reader : Reader.values()) {
        remove(run);
        TinyRun.copy(shared.resolve(kind), run);
        Reading reading = read(reader, run, newest, "");
        assertThat(reading.status()).as("%s: %s", reader, reading.said()).isZero();
        whole.put(reader, reading);
      }
      for (String file : files(shared.resolve(kind))) {
        for (Fault fault : Fault.values()) {
          boolean tried = number++ % every == 0;
          if (!tried || (fault == Fault.UNREADABLE && !unreadable)) {
            continue;
          }
          StringBuilder outcomes = new StringBuilder();
          for (Reader reader : Reader.values()) {
            remove(run);
            TinyRun.copy(shared.resolve(kind), run);
            fault.befall(run.resolve(file));
            Map<String, String> before = bytes(run);
            Reading now = read(reader, run, newest, file);
            boolean untouched =
                now.status() == 0 || reader == Reader.REPORT || bytes(run).equals(before);
            Reading undamaged = Objects.requireNonNull(whole.get(reader));
            Outcome outcome = judge(reader, file, newest, undamaged, now, untouched);
            outcomes.append(" | ").append(outcome.word);
            if (outcome == Outcome.WRONG) {
              System.out.printf("WRONG %s %s %s %s: %s%n", kind, file, fault, reader, now.said());
              wrong.add(
                  "%s %s %s %s: status %d, untouched %b, %s\n    said %s"
                      .formatted(
                          kind,
                          file,
                          fault,
                          reader,
                          now.status(),
                          untouched,
                          now.result().equals(undamaged.result()) ? "same" : "differs",
                          now.said().lines().filter(l -> l.startsWith("tandem")).toList()));
            } else if (outcome != Outcome.CORRECT) {
              sentences.add(sentence(now.said(), file));
              sentences.remove("");
            }
          }
          table
              .computeIfAbsent(new Row(kind, file, outcomes.toString()), row -> new TreeSet<>())
              .add(fault);
        }
      }
    }
    if (!target.isEmpty()) {
      Files.writeString(Path.of(target), page(table, sentences, every));
    }
    assertThat(wrong).isEmpty();
  }

  /** To a superuser every file is readable, unless it has given that power away. */
  private static boolean isAnythingUnreadable() throws IOException {
    Path file = Files.createFile(shared.resolve("unreadable"));
    Fault.UNREADABLE.befall(file);
    boolean readable = Files.isReadable(file);
    Files.delete(file);
    return !readable;
  }

  private static List<String> files(Path run) throws IOException {
    try (Stream<Path> all = Files.walk(run)) {
      return all.filter(Files::isRegularFile)
          .map(file -> run.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** The line that names the file, less what differs from file to file. */
  private String sentence(String said, String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    return said.lines()
        .filter(line -> line.contains(name))
        .findFirst()
        .orElse("")
        .replace(folder.toString() + "/", "")
        .replace(file, "FILE")
        .replaceFirst("^tandem: ", "")
        .replaceAll("\\d[\\d,]*", "N");
  }

  private static String page(Map<Row, Set<Fault>> table, Set<String> sentences, int every) {
    StringBuilder text =
        new StringBuilder(
            """
            # What damage to a run's folder leads to

            Every file of a finished run and of one that was killed in its last round was damaged in every way:
            deleted, cut to half, one bit in its middle flipped, four bytes of garbage appended, a folder in its
            place, made unreadable. `correct`: the same result as undamaged. `says so`: the same, with a line that names the file
            (or, where old traces are lost, the result without them). `refuses`: one sentence with file and remedy,
            a failing exit status, and nothing in the folder changed. `no round yet`: episodes of a round that was
            never completed, which nothing vouches for and a resumed run plays again. `FaultTest` makes this page, and
            fails for anything else.

            | run | file | damage | report | eval | export | ledger verify | traces list | train --resume |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """);
    if (every > 1) {
      text.insert(
          text.indexOf("| run | file"), "This page has one fault in %d.\n\n".formatted(every));
    }
    table.forEach(
        (row, faults) ->
            text.append(
                "| %s | `%s` | %s%s |\n"
                    .formatted(
                        row.run(),
                        row.file(),
                        String.join(
                            ", ",
                            faults.stream()
                                .map(f -> f.name().toLowerCase(java.util.Locale.ROOT))
                                .toList()),
                        row.outcomes())));
    text.append("\n## The sentences\n\n");
    sentences.forEach(sentence -> text.append("- ").append(sentence).append('\n'));
    return text.toString();
  }
}
