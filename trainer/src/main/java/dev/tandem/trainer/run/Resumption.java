package dev.tandem.trainer.run;

import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.checkpoint.CheckpointRecord;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.recipe.Lag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where a run goes on from: its newest complete round, verified before it is believed, or an older
 * one that somebody chose. Nothing is changed before that is decided. What going on needs must be
 * whole; what is only a record is put back from the checkpoint's copy, or said to be missing.
 */
public final class Resumption {
  private final RunFolder folder;
  private final Function<RunState, Set<Integer>> held;
  private final Lag lag;
  private final Consumer<String> notes;

  /**
   * @param held the rounds whose train episodes are needed to go on from a state
   * @param lag of the weights that play the next round, which may be an older round's
   * @param notes takes a line about each thing that was put right, or will be missing
   */
  public Resumption(
      RunFolder folder, Function<RunState, Set<Integer>> held, Lag lag, Consumer<String> notes) {
    this.folder = folder;
    this.held = held;
    this.lag = lag;
    this.notes = notes;
  }

  /**
   * Decides, and brings the folder to how the round left it, but for traces and ledger beyond it.
   *
   * @param how from where, and with which change; nothing is changed where it is refused
   * @return its state; empty where no round was ever completed, so that the run begins
   * @throws DamagedStateException when the newest round is not whole and no other was chosen
   * @throws ResumptionException when the chosen round cannot be gone on from
   */
  public Optional<RunState> prepare(GoingOn how) throws IOException {
    OptionalInt fromRound = how.fromRound();
    List<Integer> rounds = folder.completeRounds();
    int newest = rounds.isEmpty() ? -1 : rounds.getLast();
    Optional<Evidence> lost = evidenceBeyond(newest);
    if (rounds.isEmpty()) {
      if (lost.isPresent()) {
        throw lost.get().missing("or name another --out to begin anew");
      }
      if (fromRound.isPresent()) {
        throw new ResumptionException(
            "%s has no complete round to go back to: leave --from-round off"
                .formatted(folder.path()));
      }
      folder.removeDrafts();
      if (how.change().isPresent()) {
        AtomicFiles.write(
            folder.path().resolve(RunFiles.CONFIG), how.change().get().configuration());
        notes.accept(how.change().get().sentence());
      }
      return Optional.empty();
    }
    int round = fromRound.isPresent() ? chosen(fromRound.getAsInt(), rounds) : newest;
    if (fromRound.isEmpty()) {
      lost.ifPresent(
          evidence -> {
            throw evidence.missing(choices(rounds));
          });
      problem(newest)
          .ifPresent(
              problem -> {
                throw problem.withChoice(choices(rounds.subList(0, rounds.size() - 1)));
              });
    }
    if (round < newest || lost.isPresent()) {
      setAside(round, rounds);
      folder.keepConfiguration(round);
    }
    if (how.change().isPresent()) {
      folder.changeConfiguration(how.change().get().configuration(), round);
      notes.accept(how.change().get().sentence());
    }
    RunState state = folder.state(round);
    repair(round, state);
    return Optional.of(state);
  }

  private int chosen(int round, List<Integer> rounds) {
    Optional<String> dropped = folder.dropped(round);
    if (dropped.isPresent()) {
      throw new ResumptionException("--from-round %d: %s".formatted(round, dropped.get()));
    }
    if (!rounds.contains(round)) {
      throw new ResumptionException(
          "--from-round %d: the complete rounds in %s are %s"
              .formatted(round, folder.path(), list(rounds)));
    }
    problem(round)
        .ifPresent(
            problem -> {
              throw problem.withChoice(
                  choices(rounds.stream().filter(other -> other != round).toList()));
            });
    return round;
  }

  private String choices(List<Integer> rounds) {
    List<Integer> whole = rounds.stream().filter(round -> problem(round).isEmpty()).toList();
    return whole.isEmpty()
        ? "as no other round is whole"
        : "or go on from another round with %s"
            .formatted(
                whole.reversed().stream()
                    .map(round -> "--from-round " + round)
                    .collect(Collectors.joining(" or ")));
  }

  private static String list(List<Integer> rounds) {
    return rounds.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** The first thing that keeps a run from going on from a round. */
  private Optional<DamagedStateException> problem(int round) {
    try {
      if (!Manifest.isIn(folder.checkpoint(round)) && folder.isOfAnEarlierBuild()) {
        return Optional.of(
            new DamagedStateException(
                new Damage(folder.checkpoint(round), "was written before rounds were sealed"),
                "go on with the build that wrote it"));
      }
      Manifest manifest = Manifest.verify(folder.checkpoint(round));
      if (round != 0) {
        HfCheckpoint.verify(folder.checkpoint(0)); // the reference policy
      }
      int playing = lag.weights(round + 1);
      if (playing != round) {
        if (Files.notExists(folder.checkpoint(playing))) {
          return Optional.of(
              new Damage(
                      folder.checkpoint(playing),
                      "is missing, whose weights play round %d (rollout.lag)".formatted(round + 1))
                  .exception("put back the folder"));
        }
        Manifest.verify(folder.checkpoint(playing));
      }
      CheckpointRecord.Base base = CheckpointRecord.of(folder.checkpoint(round)).base();
      if (base != null) {
        base.verify(folder.checkpoint(round));
      }
      return Manifest.damage(
              folder.path(), segments(manifest, held.apply(folder.state(round)), true))
          .findFirst()
          .map(Damage::exception);
    } catch (DamagedStateException e) {
      return Optional.of(e);
    }
  }

  /** The segments that training needs, or all others. */
  private static SortedMap<String, FileSeal> segments(
      Manifest manifest, Set<Integer> held, boolean needed) {
    SortedMap<String, FileSeal> some = new TreeMap<>();
    for (Map.Entry<String, FileSeal> file : manifest.elsewhere().entrySet()) {
      Optional<SegmentName> segment = TraceStore.segment(file.getKey());
      if (segment.isPresent()
          && needed
              == (segment.get().phase() == Phase.TRAIN && held.contains(segment.get().round()))) {
        some.put(file.getKey(), file.getValue());
      }
    }
    return some;
  }

  /** What shows that a round was completed whose checkpoint is gone. */
  private record Evidence(Path checkpoint, int round, Path file) {
    DamagedStateException missing(String choice) {
      return new DamagedStateException(
          new Damage(
              checkpoint,
              "is missing although %s shows that round %d was completed".formatted(file, round)),
          "put back the folder, " + choice);
    }
  }

  private Optional<Evidence> evidenceBeyond(int newest) throws IOException {
    Path metrics = folder.path().resolve(RunFiles.METRICS);
    Path summary = folder.path().resolve(RunFiles.SUMMARY);
    int summarised = new Conclusion(folder.path()).rounds();
    Optional<Evidence> said =
        newest(newest, metrics, measuredBeyond(newest, metrics))
            .or(() -> newest(newest, summary, summarised));
    if (said.isPresent()) {
      return said;
    }
    for (String file : TraceStore.files(folder.path()).reversed()) {
      int begun = TraceStore.segment(file).map(SegmentName::round).orElse(0);
      Optional<Evidence> played = newest(newest, folder.path().resolve(file), begun - 1);
      if (played.isPresent()) {
        return played;
      }
    }
    boolean decided =
        newest < 0 && Files.isRegularFile(folder.ledger()) && Files.size(folder.ledger()) > 0;
    return decided ? newest(newest, folder.ledger(), 0) : Optional.empty();
  }

  private Optional<Evidence> newest(int newest, Path file, int round) {
    return round > newest
        ? Optional.of(new Evidence(folder.checkpoint(round), round, file))
        : Optional.empty();
  }

  /** The last round in the metrics that the newest manifest does not know of; or -1. */
  private int measuredBeyond(int newest, Path metrics) throws IOException {
    if (!Files.isRegularFile(metrics)) {
      return -1;
    }
    long known = 0;
    if (newest >= 0) {
      try {
        FileSeal seal = Manifest.read(folder.checkpoint(newest)).beginnings().get(RunFiles.METRICS);
        if (seal == null || seal.damageOfBeginning(metrics).isPresent()) {
          return -1;
        }
        known = seal.bytes();
      } catch (DamagedStateException e) {
        return -1;
      }
    }
    byte[] bytes = Files.readAllBytes(metrics);
    String beyond = RunRecords.text(Arrays.copyOfRange(bytes, (int) known, bytes.length));
    return beyond
        .substring(0, beyond.lastIndexOf('\n') + 1)
        .lines()
        .flatMap(line -> RunFolder.roundOf(line).stream())
        .mapToInt(Integer::intValue)
        .max()
        .orElse(-1);
  }

  /**
   * Moves all that is newer than a round into a folder of its own. The newest goes first and what
   * shows that it was there goes last, so that a kill leaves a folder that is refused or as before.
   */
  private void setAside(int round, List<Integer> rounds) throws IOException {
    Path aside = freeName("set-aside-%03d");
    Files.createDirectories(aside.resolve(RunFiles.CHECKPOINTS));
    List<String> copied = new ArrayList<>(RunFolder.GROWING);
    copied.addAll(List.of(RunFiles.LEDGER, RunFiles.SIGNATURE));
    for (String name : copied) {
      Path file = folder.path().resolve(name);
      if (Files.isRegularFile(file)) {
        AtomicFiles.write(aside.resolve(name), Files.readAllBytes(file));
      }
    }
    for (int newer : rounds.reversed()) {
      if (newer > round) {
        DurableFiles.move(
            folder.checkpoint(newer),
            aside.resolve(RunFiles.CHECKPOINTS).resolve(RunFolder.checkpointName(newer)));
      }
    }
    for (String file : TraceStore.files(folder.path()).reversed()) {
      if (TraceStore.segment(file).map(SegmentName::round).orElse(0) > round) {
        Files.createDirectories(aside.resolve(file).toAbsolutePath().getParent());
        DurableFiles.move(folder.path().resolve(file), aside.resolve(file));
      }
    }
    for (String name : List.of(RunFiles.SUMMARY, RunFiles.HARNESS, Manifest.NAME)) {
      if (Files.exists(folder.path().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        DurableFiles.move(folder.path().resolve(name), aside.resolve(name));
      }
    }
    notes.accept("what the run did after round %d is set aside in %s".formatted(round, aside));
  }

  private Path freeName(String pattern) {
    for (int number = 1; ; number++) {
      Path free = folder.path().resolve(pattern.formatted(number));
      if (Files.notExists(free, LinkOption.NOFOLLOW_LINKS)) {
        return free;
      }
    }
  }

  private void repair(int round, RunState state) throws IOException {
    Manifest manifest = Manifest.read(folder.checkpoint(round));
    for (String name : manifest.beginnings().keySet()) {
      putBack(round, name);
    }
    Manifest.damage(folder.path(), segments(manifest, held.apply(state), false))
        .forEach(
            damage ->
                notes.accept(
                    damage.sentence()
                        + ": its episodes are missing from listings and searches; training does"
                        + " not need them"));
    new Conclusion(folder.path())
        .damage()
        .ifPresent(damage -> notes.accept(damage.sentence() + ": it is written again at the end"));
    folder.removeDrafts();
    folder.removeOld(round);
  }

  /** Brings a file that grows to how the round left it. */
  private void putBack(int round, String name) throws IOException {
    Path file = folder.path().resolve(name);
    byte[] wanted = Files.readAllBytes(folder.copy(round, name));
    Optional<Damage> damage = FileSeal.of(wanted).damageOfBeginning(file);
    if (damage.isEmpty()) {
      if (Files.size(file) > wanted.length) {
        AtomicFiles.write(file, wanted);
      }
      return;
    }
    if (!RunRecords.isBeforeLastRound(name, file, wanted)) {
      RunFolder.moveAway(file);
      notes.accept(
          "%s: put back from the copy in %s"
              .formatted(damage.get().sentence(), folder.copy(round, name)));
    }
    AtomicFiles.write(file, wanted);
  }

  /**
   * Puts back a run's effective configuration where no complete round was played with it and it is
   * not what it was changed to since. Whether the run can go on is not decided here.
   */
  public static void restoreConfiguration(Path run, Consumer<String> notes) throws IOException {
    RunFolder folder = new RunFolder(run);
    Optional<Damage> found = Optional.empty();
    Optional<Path> copy = Optional.empty();
    for (int round : folder.completeRounds().reversed()) {
      Optional<Path> whole = RunRecords.wholeCopyOfConfiguration(folder, round);
      if (whole.isPresent()) {
        Optional<Damage> damage = RunRecords.damageOfConfiguration(folder, round);
        if (damage.isEmpty()) {
          return;
        }
        found = found.or(() -> damage);
        copy = copy.or(() -> whole);
      }
    }
    if (found.isPresent() && copy.isPresent()) {
      byte[] wanted = Files.readAllBytes(copy.get());
      RunFolder.moveAway(run.resolve(RunFiles.CONFIG));
      AtomicFiles.write(run.resolve(RunFiles.CONFIG), wanted);
      notes.accept(
          "%s: put back from the copy in %s".formatted(found.get().sentence(), copy.get()));
    }
  }
}
