package dev.tandem.trainer.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a run came to: its harness, its summary, and the manifest that vouches for both. That of a
 * run that was then given more rounds stays until there is a newer one. To replace it, the manifest
 * vouches for the old files and, as files elsewhere, for the new ones; then the files are replaced;
 * then it vouches for the new ones alone. A kill in between leaves a run without a conclusion,
 * nothing of which is damaged.
 */
final class Conclusion {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  Conclusion(Path run) {
    this.folder = run;
  }

  /** Replaces an earlier one, if there is one. */
  void write(String harness, String summary) throws IOException {
    SortedMap<String, byte[]> contents = new TreeMap<>();
    contents.put(RunFiles.HARNESS, harness.getBytes(StandardCharsets.UTF_8));
    contents.put(RunFiles.SUMMARY, summary.getBytes(StandardCharsets.UTF_8));
    SortedMap<String, FileSeal> after = new TreeMap<>();
    contents.forEach((name, bytes) -> after.put(name, FileSeal.of(bytes)));
    SortedMap<String, FileSeal> before = whole();
    RunFolder.clearFolder(folder.resolve(Manifest.NAME));
    new Manifest(before, after, new TreeMap<>()).write(folder);
    for (Map.Entry<String, byte[]> file : contents.entrySet()) {
      RunFolder.clearFolder(folder.resolve(file.getKey()));
      AtomicFiles.write(folder.resolve(file.getKey()), file.getValue());
    }
    new Manifest(after, new TreeMap<>(), new TreeMap<>()).write(folder);
  }

  /** Those files that are as one of the seals in the manifest says. */
  private SortedMap<String, FileSeal> whole() {
    SortedMap<String, FileSeal> whole = new TreeMap<>();
    try {
      if (Manifest.isIn(folder)) {
        Manifest manifest = Manifest.read(folder);
        for (String name : List.of(RunFiles.HARNESS, RunFiles.SUMMARY)) {
          seals(manifest, name)
              .filter(seal -> seal.damage(folder.resolve(name)).isEmpty())
              .findFirst()
              .ifPresent(seal -> whole.put(name, seal));
        }
      }
    } catch (DamagedStateException damagedManifest) {
      return new TreeMap<>();
    }
    return whole;
  }

  private static Stream<FileSeal> seals(Manifest manifest, String name) {
    return Stream.of(manifest.files(), manifest.elsewhere())
        .flatMap(seals -> Stream.ofNullable(seals.get(name)));
  }

  /** What is wrong with it; empty when nothing is, also where there is none. */
  Optional<Damage> damage() {
    if (!Manifest.isIn(folder)) {
      return Files.exists(folder.resolve(RunFiles.SUMMARY), LinkOption.NOFOLLOW_LINKS)
          ? Optional.of(new Damage(folder.resolve(Manifest.NAME), "is missing"))
          : Optional.empty();
    }
    try {
      Manifest manifest = Manifest.read(folder);
      return Stream.of(RunFiles.HARNESS, RunFiles.SUMMARY)
          .flatMap(name -> damage(manifest, name).stream())
          .findFirst();
    } catch (DamagedStateException e) {
      return Optional.of(e.damage());
    }
  }

  private Optional<Damage> damage(Manifest manifest, String name) {
    Path file = folder.resolve(name);
    boolean mayBeMissing = !manifest.files().containsKey(name);
    if (mayBeMissing && Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    List<Optional<Damage>> damages = seals(manifest, name).map(seal -> seal.damage(file)).toList();
    return damages.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : damages.stream().flatMap(Optional::stream).reduce((_, last) -> last);
  }

  /** The summary, if the run has ended and it is what was written; else an empty object. */
  String summary() throws IOException {
    return Manifest.isIn(folder) && damage().isEmpty() && !isBeingReplaced()
        ? Files.readString(folder.resolve(RunFiles.SUMMARY))
        : "{}";
  }

  private boolean isBeingReplaced() {
    return !Manifest.read(folder).elsewhere().isEmpty();
  }

  /** The rounds that a whole summary tells of; -1 without one. */
  int rounds() throws IOException {
    return JSON.readTree(summary()).path("rounds").asInt(-1);
  }

  /** That a harness file is no longer what the run wrote; empty when it is. */
  Optional<String> noteOnHarness(Path file) {
    try {
      return damage(Manifest.read(folder), RunFiles.HARNESS)
          .map(damage -> damage.sentence() + ": this is not the harness the run came to");
    } catch (DamagedStateException e) {
      return Optional.of(
          "%s: whether %s is what the run wrote cannot be told"
              .formatted(e.damage().sentence(), file));
    }
  }
}
