package dev.tandem.aegis.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
  @TempDir private Path folder;

  private Path written() {
    Path path = folder.resolve("ledger.jsonl");
    try (Ledger ledger = Ledger.open(path)) {
      for (int round = 0; round < 3; round++) {
        ledger.append(round, "proposed", Map.of("gain", 0.1 * round, "edit", "insert guard"));
        ledger.append(round, "shipped", Map.of("pairs", 48));
      }
    }
    return path;
  }

  private static String faultAfter(Path path, List<String> lines) throws IOException {
    Files.writeString(path, String.join("\n", lines) + "\n");
    return Ledger.verify(path).fault().map(LedgerFault::sentence).orElse("none");
  }

  @Test
  void findsNothingWrongWithWhatItWrote() {
    Verification verification = Ledger.verify(written());

    assertThat(verification.passed()).isTrue();
    assertThat(verification.entries()).hasSize(6);
    assertThat(verification.entries().getLast().round()).isEqualTo(2);
  }

  @Test
  void namesTheFirstChangedRemovedOrMovedEntry() throws IOException {
    Path path = written();
    List<String> lines = Files.readAllLines(path);
    List<String> changed = new ArrayList<>(lines);
    changed.set(3, changed.get(3).replace("48", "49"));
    List<String> spaced = new ArrayList<>(lines);
    spaced.set(2, spaced.get(2).replace(",\"kind\"", ", \"kind\""));
    List<String> removed = new ArrayList<>(lines);
    removed.remove(2);
    List<String> beheaded = lines.subList(1, lines.size());
    List<String> moved = new ArrayList<>(lines);
    Collections.swap(moved, 1, 2);

    List<String> twice = new ArrayList<>(lines);
    twice.add(4, twice.get(1));

    assertThat(faultAfter(path, changed)).startsWith("line 4 (entry 3), byte ").contains("changed");
    assertThat(faultAfter(path, spaced)).startsWith("line 3 (entry 2), byte ").contains("changed");
    assertThat(faultAfter(path, removed)).endsWith("is entry 3: entry 2 was removed");
    assertThat(faultAfter(path, beheaded)).endsWith("is entry 1: entry 0 was removed");
    assertThat(faultAfter(path, moved))
        .startsWith("line 2 (entry 1), byte ")
        .endsWith("is entry 2: lines were moved, and entry 1 stands further down");
    assertThat(faultAfter(path, twice))
        .startsWith("line 5 (entry 4), byte ")
        .endsWith("was put in: it is entry 1 over again");
    assertThat(faultAfter(path, lines)).isEqualTo("none");
  }

  @Test
  void noticesAForgedEntryThatIsConsistentInItself() throws IOException {
    Path path = written();
    List<String> lines = Files.readAllLines(path);
    LedgerEntry honest = Ledger.verify(path).entries().get(3);
    LedgerEntry forged =
        LedgerEntry.chain(
            3, 1, "shipped", CanonicalText.tree(Map.of("pairs", 999)), honest.previous());
    lines.set(3, forged.line());

    assertThat(faultAfter(path, lines))
        .startsWith("line 5 (entry 4), byte ")
        .contains("does not follow the one before it");
  }

  @Test
  void noticesACutEntryAndACutTail() throws IOException {
    Path path = written();
    String text = Files.readString(path);
    String head = Ledger.verify(path).head();
    Files.writeString(path, text.substring(0, text.length() - 10));
    assertThat(Ledger.verify(path).fault().orElseThrow().sentence())
        .isEqualTo(
            "line 6 (entry 5), byte %d, is cut off: the file ends within the line"
                .formatted(text.length() - 10));
    Files.writeString(path, text.substring(0, text.length() - 1));
    assertThat(Ledger.verify(path).fault().orElseThrow().sentence())
        .endsWith("has no line end, where every line has one");

    Files.writeString(path, text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1));
    assertThat(Ledger.verify(path).head()).isNotEqualTo(head);
  }

  @Test
  void dropsAnEntryThatAKillLeftUnfinishedAndGoesOn() throws IOException {
    Path path = written();
    String text = Files.readString(path);
    Files.writeString(path, text.substring(0, text.length() - 10));

    try (Ledger ledger = Ledger.open(path)) {
      ledger.append(2, "shipped", Map.of("pairs", 48));
    }

    assertThat(Files.readString(path)).isEqualTo(text);
  }

  @Test
  void refusesToGoOnFromABrokenChain() throws IOException {
    Path path = written();
    Files.writeString(path, Files.readString(path).replace("insert guard", "insert sword"));

    assertThatThrownBy(() -> Ledger.open(path))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("line 1 (entry 0), byte 0, was changed");
  }

  @Test
  void forgetsUnfinishedRoundsAndGoesOnToTheSameBytes() throws IOException {
    Path path = written();
    String whole = Files.readString(path);

    try (Ledger ledger = Ledger.open(path)) {
      ledger.truncateAfterRound(1);
      assertThat(ledger.entries()).hasSize(4);
      assertThat(Ledger.verify(path).entries()).hasSize(4);
      ledger.append(2, "proposed", Map.of("gain", 0.2, "edit", "insert guard"));
      ledger.append(2, "shipped", Map.of("pairs", 48));
    }

    assertThat(Files.readString(path)).isEqualTo(whole);
  }

  @Test
  void refusesToGoBackInTime() {
    try (Ledger ledger = Ledger.open(written())) {
      assertThatThrownBy(() -> ledger.append(1, "shipped", Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 2, was 1");
    }
  }
}
