package dev.tandem.trainer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestTest {
  @TempDir private Path folder;

  @BeforeEach
  void fill() throws IOException {
    Files.writeString(folder.resolve("weights"), "0123456789".repeat(100_000));
    Files.createDirectories(folder.resolve("adapter"));
    Files.writeString(folder.resolve("adapter/weights"), "abc");
    Files.createFile(folder.resolve("empty"));
  }

  @Test
  void aSealedFolderIsAsItWas() throws IOException {
    Manifest sealed = Manifest.seal(folder);
    assertThat(sealed.files()).containsOnlyKeys("adapter/weights", "empty", "weights");
    assertThat(sealed.files().get("adapter/weights"))
        .isEqualTo(
            new FileSeal(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assertThat(Manifest.verify(folder)).isEqualTo(sealed);
  }

  @Test
  void namesTheFileAndWhatIsWrongWithIt() throws IOException {
    Manifest.seal(folder);
    Path weights = folder.resolve("weights");
    Files.writeString(weights, "x", StandardOpenOption.APPEND);
    assertDamage(weights + " has 1,000,001 bytes instead of 1,000,000: ");
    byte[] flipped = "0123456789".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    flipped[500_000] ^= 1;
    Files.write(weights, flipped);
    assertDamage(weights + " has another content than was written: ");
    Files.delete(weights);
    assertDamage(weights + " is missing: ");
    Files.createDirectory(weights);
    assertDamage(weights + " is a folder where a file was written: ");
  }

  private void assertDamage(String sentence) {
    assertThatThrownBy(() -> Manifest.verify(folder))
        .isInstanceOf(DamagedStateException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void aStrangerIsDamageButNotWhatSystemsStrewAbout() throws IOException {
    Manifest.seal(folder);
    Files.writeString(folder.resolve(".DS_Store"), "x");
    assertThatCode(() -> Manifest.verify(folder)).doesNotThrowAnyException();
    Files.writeString(folder.resolve("adapter/more"), "x");
    assertDamage(folder.resolve("adapter/more") + " is not known to tandem-manifest.json");
  }

  @Test
  void everyFlippedBitOfTheManifestIsFound() throws IOException {
    Manifest.seal(folder);
    Path file = folder.resolve(Manifest.NAME);
    byte[] written = Files.readAllBytes(file);
    for (int at = 0; at < written.length; at++) {
      byte[] flipped = written.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      Files.write(file, flipped);
      assertThatThrownBy(() -> Manifest.read(folder))
          .as("byte %d", at)
          .isInstanceOf(DamagedStateException.class)
          .hasMessageContaining(file + " is damaged");
    }
    Files.write(file, java.util.Arrays.copyOf(written, written.length / 2));
    assertDamage(file + " is damaged");
    Files.writeString(file, "");
    assertDamage(file + " is damaged");
    Files.delete(file);
    assertDamage(file + " is missing");
    Files.createDirectory(file);
    assertDamage(file + " is a folder");
  }

  @Test
  void aManifestOfALaterBuildIsRefusedAsSuch() throws IOException {
    Manifest.seal(folder);
    Path file = folder.resolve(Manifest.NAME);
    String newer = Files.readString(file).replace("\"format\" : 1", "\"format\" : 2");
    String hash = newer.substring(16, 80);
    String open = newer.replace(hash, "0".repeat(64));
    String rehashed = FileSeal.of(open.getBytes(StandardCharsets.UTF_8)).sha256();
    Files.writeString(file, open.replace("0".repeat(64), rehashed));
    assertThatThrownBy(() -> Manifest.read(folder))
        .hasMessage(
            file
                + " has format 2 and this build reads at most 1: use the build that wrote it, or a"
                + " newer one");
  }

  @Test
  void vouchesForTheBeginningOfWhatGrows(@TempDir Path root) throws IOException {
    Path log = Files.writeString(root.resolve("log"), "one\n");
    TreeMap<String, FileSeal> beginnings = new TreeMap<>();
    beginnings.put("log", FileSeal.of(log));
    Manifest.seal(folder, new TreeMap<>(), beginnings);
    Files.writeString(log, "two\n", StandardOpenOption.APPEND);
    FileSeal seal = Objects.requireNonNull(Manifest.read(folder).beginnings().get("log"));
    assertThat(seal.damageOfBeginning(log)).isEmpty();
    assertThat(seal.damage(log)).isPresent();
    Files.writeString(log, "0ne\ntwo\n");
    assertThat(seal.damageOfBeginning(log))
        .contains(new Damage(log, "has another content than was written"));
  }
}
