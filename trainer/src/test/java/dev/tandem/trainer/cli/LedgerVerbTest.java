package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.ledger.Ledger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path run;
  private String head = "";

  @BeforeEach
  void keepALedger() {
    try (Ledger ledger = Ledger.open(run.resolve("ledger.jsonl"))) {
      ledger.append(1, "rejected", Map.of("candidate", "r0001-1"));
      ledger.append(2, "shipped", Map.of("candidate", "r0002-1"));
      head = ledger.head();
    }
  }

  @Test
  void confirmsAWholeLedger() {
    assertThat(run("ledger", "verify", run.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "%s is whole: 2 entries, head %s\n".formatted(run.resolve("ledger.jsonl"), head));
    assertThat(run("ledger", "verify", "--json", run.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith("{\"valid\":true,\"entries\":2,\"head\":\"%s\"}\n".formatted(head));
  }

  @Test
  void failsOnAChangedEntryAndNamesIt() throws IOException {
    Path file = run.resolve("ledger.jsonl");
    Files.writeString(file, Files.readString(file).replace("r0001-1", "r0001-2"));
    assertThat(run("ledger", "verify", "--json", file.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("tandem: %s is broken: line 1 (entry 0), byte 0, was changed:".formatted(file))
        .endsWith("; trust no entry from there on\n");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("\"kind\":\"hash\",\"line\":1,\"entry\":0,\"byte\":0");
  }

  @Test
  void locatesAByteThatIsNoText() throws IOException {
    Path file = run.resolve("ledger.jsonl");
    byte[] bytes = Files.readAllBytes(file);
    bytes[30] ^= (byte) 0x80;
    Files.write(file, bytes);
    assertThat(run("ledger", "verify", file.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("line 1 (entry 0), byte 30, was changed: 0x")
        .contains(" is no UTF-8 there");
  }

  @Test
  void printsTheDecisionsInOrder() {
    assertThat(run("ledger", "show", run.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Round 1: r0001-1 is rejected by the gate: no reason is given.
            Round 2: r0002-1 ships and is part of the harness from now on.
            """);
    assertThat(run("ledger", "show", "--json", run.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8).lines().toList().getLast())
        .startsWith("{\"entries\":[{\"sequence\":0,\"round\":1,\"kind\":\"rejected\"");
  }

  @Test
  void explainsAMissingLedger() {
    assertThat(run("ledger", "show", run.resolve("absent").toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "tandem: %s does not exist; name a run folder or a ledger\n"
                .formatted(run.resolve("absent")));
  }

  @Test
  void wantsToKnowWhatToDoWithTheLedger() {
    assertThat(run("ledger")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("tandem: ledger wants verify, show or keygen; see tandem ledger --help\n");
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, run), arguments);
  }
}
