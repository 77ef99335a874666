package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.ledger.SigningKey;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.cli.CommandLineOf;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with a key, and what can be told from its folder afterwards. */
final class SignedRunTest {
  @TempDir private static Path shared;
  private static Path keyFile = Path.of("");
  private static Path publicFile = Path.of("");
  @TempDir private Path folder;
  private Path run = Path.of("");

  private static RunConfig config() {
    RunConfig tiny = TinyRun.config();
    return TinyRun.governed(
            tiny.aegis().watched(RedLines.NONE, AskFrom.NONE, WhenWaiting.WAIT, keyFile))
        .inMode(Mode.HARNESS);
  }

  private static void play(Path run, Monitor monitor) throws IOException {
    Files.createDirectories(run);
    Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(config()));
    try (TrainingRun training = new TrainingRun(config(), run, Tiny.EXECUTION, monitor)) {
      training.execute();
    }
  }

  @BeforeAll
  static void playOnce() throws IOException {
    keyFile = shared.resolve("key");
    publicFile = shared.resolve("key.pub");
    SigningKey.generate().write(keyFile, publicFile);
    play(shared.resolve("run"), new SilentMonitor());
  }

  @BeforeEach
  void copy() throws IOException {
    run = folder.resolve("run");
    TinyRun.copy(shared.resolve("run"), run);
  }

  private CommandLineOf.Said verify(Object... more) {
    List<Object> all = new ArrayList<>(List.of("ledger", "verify", run));
    all.addAll(List.of(more));
    return CommandLineOf.tandem(all.toArray());
  }

  @Test
  void isBorneOutByItsKeyAndItsEpisodes() {
    CommandLineOf.Said said = verify("--public-key", publicFile, "--proofs");

    assertThat(said.err()).isEmpty();
    assertThat(said.status()).isZero();
    assertThat(said.out())
        .contains(" is whole: ")
        .contains("signed by the key " + SigningKey.read(keyFile).fingerprint())
        .containsPattern("[1-9]\\d* proofs recomputed from [1-9]\\d* gate episodes, all as");
  }

  @Test
  void signsTheSameBytesWhenItIsKilledAndGoesOn() throws IOException {
    Path other = folder.resolve("killed");
    for (String instant : List.of("round 1 gate", "round 2 rollouts", "round 3 gate")) {
      try {
        play(other, KillingMonitor.under(instant));
      } catch (IOException | RuntimeException | Error killed) {
        assertThat(killed).hasMessageContaining(instant);
      }
    }
    play(other, new SilentMonitor());

    assertThat(other.resolve("ledger.sig")).hasSameBinaryContentAs(run.resolve("ledger.sig"));
    assertThat(other.resolve("ledger.jsonl")).hasSameBinaryContentAs(run.resolve("ledger.jsonl"));
  }

  @Test
  void isCaughtWhenItsLedgerIsWrittenAnew() throws IOException {
    List<LedgerEntry> honest = Ledger.verify(run.resolve("ledger.jsonl")).entries();
    Path alone = Files.createDirectory(folder.resolve("alone"));
    try (Ledger forged = Ledger.open(alone.resolve("ledger.jsonl"))) {
      honest.forEach(entry -> forged.append(entry.round(), "idle", entry.payload()));
    }
    Files.copy(run.resolve("ledger.sig"), alone.resolve("ledger.sig"));

    CommandLineOf.Said said =
        CommandLineOf.tandem(
            "ledger", "verify", alone.resolve("ledger.jsonl"), "--public-key", publicFile);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("the ledger was written anew");
    assertThat(CommandLineOf.tandem("ledger", "verify", alone.resolve("ledger.jsonl")).status())
        .isZero();
  }

  @Test
  void locatesAFlippedByteOfItsLedgerExactly() throws IOException {
    Path ledger = run.resolve("ledger.jsonl");
    byte[] bytes = Files.readAllBytes(ledger);
    int at = bytes.length / 2;
    bytes[at] ^= (byte) 0x80;
    Files.write(ledger, bytes);

    CommandLineOf.Said said = verify();

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("byte %d".formatted(at)).contains("trust no entry");
  }

  @Test
  void locatesAFlippedVerdictOfAGateEpisode() throws IOException {
    String id;
    try (TraceStore traces = TraceStore.open(run)) {
      SegmentName segment = traces.find(TraceQuery.ALL.withPhase(Phase.GATE)).getFirst().segment();
      List<Trajectory> played = new ArrayList<>();
      traces.forEach(
          segment,
          episode -> {
            if (episode instanceof StoredEpisode.Judged(Trajectory trajectory)) {
              played.add(trajectory);
            }
          });
      Trajectory first = played.getFirst();
      id = first.id();
      Verdict verdict = first.verdict();
      played.set(
          0,
          new Trajectory(
              first.id(),
              first.phase(),
              first.round(),
              first.task(),
              first.harnessHash(),
              first.checkpoint(),
              first.seed(),
              first.episode(),
              new Verdict(
                  !verdict.success(),
                  verdict.strict(),
                  verdict.lenient(),
                  verdict.components(),
                  verdict.exploitFlags())));
      traces.write(segment, played, List.of(), one -> Set.of());
    }

    CommandLineOf.Said said = verify("--proofs", "--json");

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("episode %s is stored as ".formatted(id));
    assertThat(said.out()).contains("\"proof_differences\":[\"line ");
  }

  @Test
  void refusesAKeyThatIsNotThere() {
    RunConfig absent =
        TinyRun.governed(
            TinyRun.config()
                .aegis()
                .watched(RedLines.NONE, AskFrom.NONE, WhenWaiting.WAIT, folder.resolve("no-key")));

    assertThatThrownBy(
            () ->
                new TrainingRun(absent, folder.resolve("new"), Tiny.EXECUTION, new SilentMonitor()))
        .hasMessageContaining("aegis.signing_key: ")
        .hasMessageContaining("no-key does not exist");
  }

  @Test
  void makesAKeyThatItDoesNotOverwrite() {
    Path file = folder.resolve("mine");
    CommandLineOf.Said made = CommandLineOf.tandem("ledger", "keygen", file);
    CommandLineOf.Said again = CommandLineOf.tandem("ledger", "keygen", file);

    assertThat(made.status()).isZero();
    assertThat(made.out()).contains("fingerprint " + SigningKey.read(file).fingerprint());
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("no key is overwritten");
  }
}
