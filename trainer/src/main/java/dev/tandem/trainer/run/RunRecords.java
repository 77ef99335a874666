package dev.tandem.trainer.run;

import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run has put down, compared with what vouches for it: the newest complete round's manifest
 * and, for the result, the manifest beside it. A text is empty where nothing was put down yet.
 *
 * @param metrics lines of whole rounds, and what was added since
 * @param summary empty until the run has ended, and again once it goes on
 * @param vouched the newest complete round, which vouches for all of it and for the ledger up to
 *     it; -1 where nothing does
 */
public record RunRecords(String metrics, String configuration, String summary, int vouched) {
  private static final String REMEDY = "put back the file, or let train --resume do it";

  /**
   * Reads and compares. A folder that nothing vouches for is read as it is.
   *
   * @throws DamagedStateException naming the file, and the line of one that has lines
   */
  public static RunRecords read(Path run) throws IOException {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = folder.newestRound();
    if (newest.isEmpty() || folder.isOfAnEarlierBuild()) {
      return new RunRecords(
          textOf(run.resolve(RunFiles.METRICS)),
          textOf(run.resolve(RunFiles.CONFIG)),
          textOf(run.resolve(RunFiles.SUMMARY)),
          -1);
    }
    damageOfConfiguration(folder).ifPresent(RunRecords::refuse);
    Conclusion conclusion = new Conclusion(run);
    conclusion.damage().ifPresent(RunRecords::refuse);
    int concluded = conclusion.rounds();
    if (concluded > newest.get()) {
      throw new Damage(
              folder.checkpoint(concluded),
              "is missing although %s shows that round %d was completed"
                  .formatted(run.resolve(RunFiles.SUMMARY), concluded))
          .exception(
              "put back the folder, or go back with train --resume --from-round " + newest.get());
    }
    boolean ended = concluded == newest.get() && concluded >= planned(run);
    Manifest manifest = Manifest.read(folder.checkpoint(newest.get()));
    grown(folder, manifest, newest.get(), RunFiles.LEDGER, ended);
    return new RunRecords(
        grown(folder, manifest, newest.get(), RunFiles.METRICS, ended),
        textOf(run.resolve(RunFiles.CONFIG)),
        ended ? textOf(run.resolve(RunFiles.SUMMARY)) : "",
        newest.get());
  }

  /** How many rounds the run is to have; one that was given more has not ended yet. */
  private static int planned(Path run) {
    Path config = run.resolve(RunFiles.CONFIG);
    return Files.exists(config) ? ConfigLoader.tree(config).path("rounds").asInt() : 0;
  }

  private static void refuse(Damage damage) {
    throw damage.exception(REMEDY);
  }

  /** A file that grows; the newest line may still be on its way from the checkpoint. */
  private static String grown(
      RunFolder folder, Manifest manifest, int round, String name, boolean ended)
      throws IOException {
    Path file = folder.path().resolve(name);
    FileSeal seal = manifest.beginnings().get(name);
    if (seal == null) {
      return textOf(file);
    }
    Optional<Damage> damage = ended ? seal.damage(file) : seal.damageOfBeginning(file);
    if (damage.isEmpty()) {
      return textOf(file);
    }
    Path copy = folder.copy(round, name);
    seal.damage(copy).ifPresent(RunRecords::refuse);
    byte[] written = Files.readAllBytes(copy);
    if (!ended && isBeforeLastRound(name, file, written)) {
      return text(written);
    }
    throw differingLine(file, written).orElse(damage.get()).exception(REMEDY);
  }

  /** The first line that is not as written, if the file has that many. */
  private static Optional<Damage> differingLine(Path file, byte[] written) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(file);
    int at = Arrays.mismatch(bytes, written);
    if (at < 0 || at == bytes.length) {
      return Optional.empty();
    }
    long line = 1;
    for (int i = 0; i < at; i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return Optional.of(
        new Damage(
            file,
            at == written.length
                ? "has a line %d that the run did not write".formatted(line)
                : "has another line %d than was written".formatted(line)));
  }

  /**
   * Whether a file is as a kill leaves it that comes before the last round's lines are added, or
   * the ledger's last line.
   */
  static boolean isBeforeLastRound(String name, Path file, byte[] written) throws IOException {
    if (Files.isDirectory(file) || (Files.exists(file) && !Files.isReadable(file))) {
      return false;
    }
    byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    int at = Arrays.mismatch(bytes, written);
    return at == bytes.length
        && bytes.length >= lastAddition(text(written), RunFolder.GROWING.contains(name));
  }

  /** Where what was added last begins, in bytes. */
  private static int lastAddition(String text, boolean byRound) {
    int from = text.stripTrailing().lastIndexOf('\n') + 1;
    Optional<Integer> round = RunFolder.roundOf(text.substring(from));
    while (byRound && from > 0) {
      int before = text.lastIndexOf('\n', from - 2) + 1;
      if (!RunFolder.roundOf(text.substring(before, from)).equals(round)) {
        break;
      }
      from = before;
    }
    return text.substring(0, from).getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * What is wrong with a run's configuration: it must be what the newest complete round was played
   * with, or what it was changed to since. Empty also where nothing vouches for it.
   */
  static Optional<Damage> damageOfConfiguration(RunFolder folder) {
    Optional<Integer> newest = folder.newestRound();
    return newest.isEmpty() ? Optional.empty() : damageOfConfiguration(folder, newest.get());
  }

  /** The same by what a certain round's manifest says. */
  static Optional<Damage> damageOfConfiguration(RunFolder folder, int round) {
    if (!Manifest.isIn(folder.checkpoint(round))) {
      return Optional.empty();
    }
    Manifest manifest = Manifest.read(folder.checkpoint(round));
    Path file = folder.path().resolve(RunFiles.CONFIG);
    FileSeal stated = manifest.elsewhere().get(RunFiles.CONFIG);
    FileSeal played = manifest.files().get(RunFiles.COPIES + "/" + RunFiles.CONFIG);
    if (stated == null || played == null || played.damage(file).isEmpty()) {
      return Optional.empty();
    }
    return stated.damage(file);
  }

  /** A round's copy of the configuration, if it has one that is as it was written. */
  static Optional<Path> wholeCopyOfConfiguration(RunFolder folder, int round) {
    Path copy = folder.copy(round, RunFiles.CONFIG);
    try {
      FileSeal seal =
          Manifest.read(folder.checkpoint(round))
              .files()
              .get(RunFiles.COPIES + "/" + RunFiles.CONFIG);
      return seal == null || seal.damage(copy).isPresent() ? Optional.empty() : Optional.of(copy);
    } catch (DamagedStateException e) {
      return Optional.empty();
    }
  }

  /**
   * Compares the configuration of the run that a checkpoint lies in with what the checkpoint was
   * made with; a checkpoint that lies elsewhere passes.
   *
   * @throws DamagedStateException when it is missing or another
   */
  public static void requireConfigurationOf(Path checkpoint) {
    Path folder = checkpoint.toAbsolutePath().normalize();
    Path parent = folder.getParent();
    if (parent == null || parent.getParent() == null || !parent.endsWith(RunFiles.CHECKPOINTS)) {
      return;
    }
    RunFolder run = new RunFolder(parent.getParent());
    int round = roundOf(folder);
    if (run.completeRounds().contains(round) && damageOfConfiguration(run, round).isPresent()) {
      damageOfConfiguration(run).ifPresent(RunRecords::refuse);
    }
  }

  private static int roundOf(Path checkpoint) {
    String name = String.valueOf(checkpoint.getFileName());
    return name.matches("round-\\d{4,9}") ? Integer.parseInt(name.substring(6)) : -1;
  }

  /**
   * Compares a run's ledger with what its newest complete round vouches for: a chain does not show
   * that its end was cut off.
   *
   * @throws DamagedStateException when it is missing, shorter or another
   */
  public static void requireLedger(Path run) throws IOException {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = folder.newestRound();
    if (newest.isPresent() && Manifest.isIn(folder.checkpoint(newest.get()))) {
      Manifest manifest = Manifest.read(folder.checkpoint(newest.get()));
      grown(folder, manifest, newest.get(), RunFiles.LEDGER, false);
    }
  }

  /** The ledger's bytes up to the newest complete round, if there is a whole copy of them. */
  public static Optional<byte[]> ledgerAsWritten(Path run) throws IOException {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = folder.newestRound();
    if (newest.isEmpty() || !Manifest.isIn(folder.checkpoint(newest.get()))) {
      return Optional.empty();
    }
    try {
      FileSeal seal =
          Manifest.read(folder.checkpoint(newest.get())).beginnings().get(RunFiles.LEDGER);
      Path copy = folder.copy(newest.get(), RunFiles.LEDGER);
      return seal == null || seal.damage(copy).isPresent()
          ? Optional.empty()
          : Optional.of(Files.readAllBytes(copy));
    } catch (DamagedStateException e) {
      return Optional.empty();
    }
  }

  /**
   * A sentence for each file of traces that is not as the newest complete round knows it; every
   * byte is looked at.
   */
  public static List<String> damagedTraces(Path run) {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = folder.newestRound();
    if (newest.isEmpty() || !Manifest.isIn(folder.checkpoint(newest.get()))) {
      return List.of();
    }
    SortedMap<String, FileSeal> traces =
        new TreeMap<>(Manifest.read(folder.checkpoint(newest.get())).elsewhere());
    traces.keySet().removeIf(file -> TraceStore.segment(file).isEmpty());
    return Manifest.damage(run, traces)
        .map(damage -> damage.sentence() + ": its episodes are missing here")
        .toList();
  }

  /** A sentence for each file of traces that the newest complete round knows and that is gone. */
  public static List<String> missingTraces(Path run) {
    RunFolder folder = new RunFolder(run);
    Optional<Integer> newest = folder.newestRound();
    if (newest.isEmpty() || !Manifest.isIn(folder.checkpoint(newest.get()))) {
      return List.of();
    }
    try {
      return Manifest.read(folder.checkpoint(newest.get())).elsewhere().keySet().stream()
          .filter(file -> TraceStore.segment(file).isPresent())
          .filter(file -> Files.notExists(run.resolve(file)))
          .map(file -> run.resolve(file) + " is missing, and with it its episodes")
          .toList();
    } catch (DamagedStateException e) {
      return List.of(e.damage().sentence() + ": whether episodes are missing here cannot be told");
    }
  }

  /**
   * What a person should know of a harness that is taken from a run's folder: that it is no longer
   * what the run wrote.
   */
  public static Optional<String> noteOnHarness(Path file) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder == null || !Manifest.isIn(folder) || !file.endsWith(RunFiles.HARNESS)) {
      return Optional.empty();
    }
    return new Conclusion(folder).noteOnHarness(file);
  }

  /**
   * Compares a round's state, the first round's and the configuration with what vouches for them.
   *
   * @throws DamagedStateException naming the first that differs
   */
  public static void requireSealed(RunFolder folder, int round) {
    Path checkpoint = folder.checkpoint(round);
    Manifest.read(checkpoint)
        .damage(
            checkpoint,
            name -> name.equals(RunFiles.STATE) || name.startsWith(RunFiles.COPIES + "/"))
        .findFirst()
        .ifPresent(
            damage -> {
              throw damage.exception();
            });
    damageOfConfiguration(folder).ifPresent(RunRecords::refuse);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String textOf(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new Damage(file, "is a folder where a file was written").exception();
    }
    return Files.exists(file) ? text(Files.readAllBytes(file)) : "";
  }
}
