package dev.tandem.aegis.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeadSignatureTest {
  @TempDir private Path folder;
  private Path keyFile = Path.of("");
  private Path publicFile = Path.of("");
  private Path ledger = Path.of("");
  private Path signature = Path.of("");

  @BeforeEach
  void signALedger() throws IOException {
    keyFile = folder.resolve("key");
    publicFile = folder.resolve("key.pub");
    SigningKey.generate().write(keyFile, publicFile);
    ledger = folder.resolve("ledger.jsonl");
    signature = folder.resolve("ledger.sig");
    write("shipped", "rejected", "shipped");
    sign();
  }

  private void write(String... kinds) throws IOException {
    Files.deleteIfExists(ledger);
    try (Ledger open = Ledger.open(ledger)) {
      for (int i = 0; i < kinds.length; i++) {
        open.append(i, kinds[i], Map.of("candidate", "r%04d-1".formatted(i)));
      }
    }
  }

  private void sign() throws IOException {
    Verification whole = Ledger.verify(ledger);
    Files.writeString(
        signature,
        HeadSignature.of(whole.head(), whole.entries().size(), SigningKey.read(keyFile)).line());
  }

  private HeadSignature.Finding check() {
    Verification whole = Ledger.verify(ledger);
    assertThat(whole.passed()).isTrue();
    return HeadSignature.check(signature, whole, SigningKey.readPublic(publicFile), publicFile);
  }

  @Test
  void vouchesForWhatWasSignedWithTheSameBytesEveryTime() throws IOException {
    String first = Files.readString(signature);
    sign();

    assertThat(Files.readString(signature)).isEqualTo(first);
    assertThat(check()).isEqualTo(new HeadSignature.Finding(0, Optional.empty()));
  }

  @Test
  void catchesALedgerThatWasWrittenAnew() throws IOException {
    write("shipped", "shipped", "shipped");

    assertThat(check().fault())
        .contains(
            "the ledger was written anew: entry 2, the last that was signed, is another one now");
  }

  @Test
  void catchesALedgerWhoseEndWasCutOffAndCountsWhatWasAdded() throws IOException {
    String whole = Files.readString(ledger);
    Files.writeString(ledger, whole.substring(0, whole.indexOf('\n') + 1));
    assertThat(check().fault())
        .contains("the ledger has 1 entries and 3 were signed: its end was cut off");

    write("shipped", "rejected", "shipped", "idle", "idle");
    assertThat(check()).isEqualTo(new HeadSignature.Finding(2, Optional.empty()));
  }

  @Test
  void catchesAChangedAForgedAndAMissingSignature() throws IOException {
    String honest = Files.readString(signature);
    Files.writeString(signature, honest.replace("\"entries\":3", "\"entries\":2"));
    assertThat(check().fault().orElseThrow()).contains("it was changed, or written by somebody");

    SigningKey other = SigningKey.generate();
    Verification whole = Ledger.verify(ledger);
    Files.writeString(signature, HeadSignature.of(whole.head(), 3, other).line());
    assertThat(check().fault().orElseThrow())
        .contains("was made with the key " + other.fingerprint());
    Files.writeString(
        signature,
        HeadSignature.of(whole.head(), 3, other)
            .line()
            .replace(other.fingerprint(), SigningKey.read(keyFile).fingerprint()));
    assertThat(check().fault().orElseThrow()).contains("somebody without the key");

    Files.writeString(signature, honest.replace("\"signature\":\"", "\"signature\":\"!"));
    assertThat(check().fault()).isPresent();
    Files.writeString(signature, "[]");
    assertThat(check().fault().orElseThrow()).contains("is no signature of a ledger");
    Files.delete(signature);
    assertThat(check().fault().orElseThrow()).contains("is missing");
  }

  @Test
  void keepsThePrivateKeyForItsOwner() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(publicFile)).doesNotContain("PRIVATE");
    assertThatThrownBy(() -> SigningKey.generate().write(keyFile, publicFile))
        .isInstanceOf(FileAlreadyExistsException.class);

    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> SigningKey.read(keyFile))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("may be used by others than its owner (rw-r-----): run chmod 600");
  }

  @Test
  void namesAFileThatIsNoKey() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "hello");
    Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rw-------"));
    Path mixed = folder.resolve("mixed");
    SigningKey.generate().write(mixed, folder.resolve("mixed.pub"));
    String pair = Files.readString(keyFile);
    String stranger = Files.readString(folder.resolve("mixed.pub"));
    Files.writeString(mixed, pair.substring(0, pair.indexOf("-----BEGIN PUBLIC")) + stranger);

    for (Path file : List.of(text, publicFile)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      assertThatThrownBy(() -> SigningKey.read(file))
          .hasMessageContaining("has no Ed25519 private");
    }
    assertThatThrownBy(() -> SigningKey.read(mixed)).hasMessageContaining("two different keys");
    assertThatThrownBy(() -> SigningKey.readPublic(folder.resolve("absent")))
        .hasMessageContaining("does not exist");
  }
}
