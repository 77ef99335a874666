package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.aegis.Waiting;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.trainer.cli.CommandLineOf;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.AwaitingWordException;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Edits that wait for a person. The strict rule ships whatever loses no task. */
final class ApprovalRunTest {
  private static final int ROUNDS = 6;
  @TempDir private static Path shared;
  private static Path recipe = Path.of("");
  private static CommandLineOf.Said stopped = new CommandLineOf.Said(0, "", "");
  @TempDir private Path folder;
  private Path run = Path.of("");

  private static RunConfig config(WhenWaiting meanwhile) throws IOException {
    RunConfig config =
        TinyRun.governed(
                TinyRun.aegis(Seesaw.STRICT).watched(RedLines.NONE, AskFrom.LOW, meanwhile, null))
            .inMode(Mode.HARNESS);
    return ConfigLoader.load(
        Files.writeString(shared.resolve("base.yaml"), ConfigLoader.effective(config)),
        List.of("rounds=" + ROUNDS),
        RunConfig.DEFAULTS,
        RunConfig.class);
  }

  private static void play(RunConfig config, Path run, Monitor monitor) throws IOException {
    Files.createDirectories(run);
    Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(config));
    try (TrainingRun training = new TrainingRun(config, run, Tiny.EXECUTION, monitor)) {
      training.execute();
    }
  }

  @BeforeAll
  static void runUntilItStops() throws IOException {
    recipe =
        Files.writeString(
            shared.resolve("recipe.yaml"), ConfigLoader.effective(config(WhenWaiting.WAIT)));
    stopped =
        CommandLineOf.tandem("train", recipe, "--out", shared.resolve("run"), "--device", "cpu");
  }

  @BeforeEach
  void copy() throws IOException {
    run = folder.resolve("run");
    TinyRun.copy(shared.resolve("run"), run);
  }

  private CommandLineOf.Said resume() {
    return CommandLineOf.tandem("train", recipe, "--out", run, "--resume", "--device", "cpu");
  }

  private static Waiting waiting(Path run) {
    RunFolder folder = new RunFolder(run);
    return Objects.requireNonNull(
        folder.state(folder.newestRound().orElseThrow()).aegis().waiting());
  }

  private static List<LedgerEntry> entries(Path run) {
    return Ledger.verify(run.resolve("ledger.jsonl")).entries();
  }

  private static int newest(Path run) {
    return new RunFolder(run).newestRound().orElseThrow();
  }

  @Test
  void theRunStopsWithAnExitCodeOfItsOwnAndSaysWhatToDo() {
    String id = waiting(run).id();

    assertThat(stopped.status()).as(stopped.err()).isEqualTo(75);
    assertThat(stopped.err())
        .contains(id + " (")
        .contains("has passed the gate and waits for a person: say tandem approve ")
        .contains("then go on with")
        .contains("--resume");
    assertThat(entries(run).getLast().kind()).isIn("awaiting", "idle");
    int before = newest(run);
    CommandLineOf.Said again = resume();
    assertThat(again.status()).isEqualTo(75);
    assertThat(newest(run)).isEqualTo(before);
  }

  @Test
  void anApprovedEditTakesEffectInTheNextRound() throws IOException {
    Waiting edit = waiting(run);
    int round = newest(run) + 1;

    CommandLineOf.Said said =
        CommandLineOf.tandem("approve", run, edit.id(), "--by", "Ann", "--note", "looked at it");
    CommandLineOf.Said resumed = resume();

    assertThat(said.status()).as(said.err()).isZero();
    assertThat(resumed.status()).as(resumed.err()).isIn(0, 75);
    assertThat(entries(run))
        .anySatisfy(
            entry -> {
              assertThat(entry.kind()).isEqualTo("approved");
              assertThat(entry.round()).isEqualTo(round);
              assertThat(entry.payload().path("by").asText()).isEqualTo("Ann");
              assertThat(entry.payload().path("note").asText()).isEqualTo("looked at it");
            })
        .anySatisfy(
            entry -> {
              assertThat(entry.kind()).isEqualTo("shipped");
              assertThat(entry.round()).isEqualTo(round);
            });
    String metrics = Files.readAllLines(run.resolve("metrics.jsonl")).get(round);
    assertThat(new ObjectMapper().readTree(metrics).path("incumbent_hash").asText())
        .isEqualTo(edit.harness());
    assertThat(CommandLineOf.tandem("ledger", "verify", run, "--proofs").status()).isZero();
  }

  @Test
  void aRejectedEditChangesNothing() {
    Waiting edit = waiting(run);

    assertThat(CommandLineOf.tandem("reject", run, edit.id()).status()).isZero();
    CommandLineOf.Said resumed = resume();

    assertThat(resumed.status()).as(resumed.err()).isIn(0, 75);
    assertThat(entries(run)).anySatisfy(entry -> assertThat(entry.kind()).isEqualTo("declined"));
    assertThat(entries(run)).noneSatisfy(entry -> assertThat(entry.kind()).isEqualTo("shipped"));
  }

  @Test
  void aRunThatIsKilledAfterTheWordEndsAsIfItHadNotBeen() throws IOException {
    CommandLineOf.tandem("approve", run, waiting(run).id());
    Path killed = folder.resolve("killed");
    TinyRun.copy(run, killed);
    int round = newest(run) + 1;
    assertThatThrownBy(
            () ->
                play(
                    config(WhenWaiting.WAIT),
                    killed,
                    KillingMonitor.under("round %d rollouts".formatted(round))))
        .hasMessageContaining("rollouts");
    assertThat(entries(killed).getLast().kind()).isEqualTo("shipped");

    for (Path one : List.of(run, killed)) {
      try {
        play(config(WhenWaiting.WAIT), one, new SilentMonitor());
      } catch (AwaitingWordException again) {
        assertThat(again).hasMessageContaining("waits for a person");
      }
    }

    assertThat(killed.resolve("ledger.jsonl")).hasSameBinaryContentAs(run.resolve("ledger.jsonl"));
    assertThat(newest(killed)).isEqualTo(newest(run));
  }

  @Test
  void aRunMayGoOnUnderTheIncumbentMeanwhile() throws IOException {
    Path other = folder.resolve("going-on");
    play(config(WhenWaiting.GO_ON), other, new SilentMonitor());

    assertThat(newest(other)).isEqualTo(ROUNDS);
    assertThat(entries(other)).anySatisfy(one -> assertThat(one.kind()).isEqualTo("awaiting"));
    assertThat(entries(other)).noneSatisfy(one -> assertThat(one.kind()).isEqualTo("shipped"));
  }

  @Test
  void aWordIsForWhatWaitsAndIsGivenOnce() {
    String id = waiting(run).id();

    CommandLineOf.Said wrong = CommandLineOf.tandem("approve", run, "r0099-1");
    CommandLineOf.Said nowhere = CommandLineOf.tandem("approve", folder, id);
    CommandLineOf.Said first = CommandLineOf.tandem("approve", run, id, "--json");
    CommandLineOf.Said second = CommandLineOf.tandem("reject", run, id);

    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("r0099-1 does not wait for a person in %s; %s does".formatted(run, id));
    assertThat(nowhere.status()).isEqualTo(2);
    assertThat(first.out()).contains("\"approved\":true");
    assertThat(second.status()).isEqualTo(2);
    assertThat(second.err()).contains("was approved by ").contains("to take the word back");
  }

  @Test
  void aWordThatIsNoneStopsTheRun() throws IOException {
    Path word = run.resolve("approvals").resolve(waiting(run).id() + ".json");
    Files.createDirectories(word.getParent());
    Files.writeString(word, "yes");

    CommandLineOf.Said said = resume();

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains(word + " is not what tandem approve or tandem reject writes");
  }
}
