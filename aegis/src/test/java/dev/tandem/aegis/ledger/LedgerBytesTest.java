package dev.tandem.aegis.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerBytesTest {
  /** One bit, the case bit, the bit that breaks ASCII, and all of them. */
  private static final int[] PATTERNS = {0x01, 0x04, 0x20, 0x80, 0xFF};

  @TempDir private Path folder;

  /** With what a ledger holds: numbers, lists, escapes, letters of two to four bytes. */
  private byte[] written() throws IOException {
    Path path = folder.resolve("ledger.jsonl");
    try (Ledger ledger = Ledger.open(path)) {
      ledger.append(1, "digested", Map.of("blame", Map.of("loop", 0.1, "parse", 1e-9)));
      ledger.append(
          1,
          "proposed",
          Map.of("changes", List.of("say \"gr\u00fc\u00df\"", "\u2192 \ud83d\ude00\n")));
      ledger.append(
          2, "shipped", Map.of("pairs", 48, "proof", Map.of("eValue", 12.5, "won", true)));
      ledger.append(3, "idle", Map.of("reason", "nothing\\left \u0001 {[]}"));
    }
    return Files.readAllBytes(path);
  }

  @Test
  void locatesEveryFlippedByteInItsLine() throws IOException {
    byte[] honest = written();
    assertThat(LedgerBytes.check(honest).passed()).isTrue();
    int line = 1;
    for (int at = 0; at < honest.length; at++) {
      for (int pattern : PATTERNS) {
        byte[] flipped = honest.clone();
        flipped[at] ^= (byte) pattern;
        Verification found = LedgerBytes.check(flipped);
        assertThat(found.fault()).as("byte %d ^ %02x", at, pattern).isPresent();
        assertThat(found.fault().orElseThrow().line())
            .as("byte %d ^ %02x: %s", at, pattern, found.fault())
            .isEqualTo(line);
        assertThat(found.entries()).hasSize(line - 1);
      }
      line += honest[at] == '\n' ? 1 : 0;
    }
  }

  @Test
  void locatesEveryByteThatIsMissingOrPutIn() throws IOException {
    byte[] honest = written();
    int line = 1;
    for (int at = 0; at < honest.length; at++) {
      byte[] shorter = new byte[honest.length - 1];
      System.arraycopy(honest, 0, shorter, 0, at);
      System.arraycopy(honest, at + 1, shorter, at, shorter.length - at);
      byte[] longer = new byte[honest.length + 1];
      System.arraycopy(honest, 0, longer, 0, at);
      longer[at] = ' ';
      System.arraycopy(honest, at, longer, at + 1, honest.length - at);
      assertThat(LedgerBytes.check(shorter).fault().orElseThrow().line()).isEqualTo(line);
      assertThat(LedgerBytes.check(longer).fault().orElseThrow().line()).isEqualTo(line);
      line += honest[at] == '\n' ? 1 : 0;
    }
  }

  @Test
  void pointsAtTheByteWhereOneCanBeTold() throws IOException {
    byte[] honest = written();
    int broken = 40;
    honest[broken] = (byte) 0xC0;
    LedgerFault encoding = LedgerBytes.check(honest).fault().orElseThrow();
    assertThat(encoding.kind()).isEqualTo(LedgerFault.Kind.ENCODING);
    assertThat(encoding.offset()).isEqualTo(broken);
    assertThat(encoding.sentence())
        .isEqualTo("line 1 (entry 0), byte 40, was changed: 0xc0 is no UTF-8 there");

    LedgerFault bracket =
        LedgerBytes.check("{\"hash\":\n".getBytes(StandardCharsets.UTF_8)).fault().orElseThrow();
    assertThat(bracket.kind()).isEqualTo(LedgerFault.Kind.JSON);
    LedgerFault other =
        LedgerBytes.check("{}\n".getBytes(StandardCharsets.UTF_8)).fault().orElseThrow();
    assertThat(other.detail()).contains("parts of a ledger entry");
  }

  @Test
  void takesAnEmptyFileForALedgerWithoutEntries() {
    assertThat(LedgerBytes.check(new byte[0]).passed()).isTrue();
    assertThat(LedgerBytes.check(new byte[] {'\n'}).passed()).isFalse();
  }
}
