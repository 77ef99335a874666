package dev.tandem.trainer.warmstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A warm start on disk, for as long as no round is complete: a folder for the newest step that was
 * saved, with the weights, and with the optimiser's state until the last step. Going on from it
 * gives the weights that an undisturbed warm start gives, to the byte, so it does not matter when
 * one is saved: by the clock, so that little is lost.
 */
public final class WarmStartSaves {
  /** In a run's folder. */
  private static final String FOLDER = "warm-start";

  private static final String PROGRESS = "progress.json";
  private static final String OPTIMISER = "optimiser.safetensors";
  private static final ObjectMapper JSON = new JsonMapper();

  private final Path folder;
  private final Pace pace;
  private final long begun = System.nanoTime();
  private long nanosOfLastSave;
  private long lastSave = begun;
  private double secondsBefore;

  /**
   * @param run its folder
   */
  public WarmStartSaves(Path run) {
    this(run, Pace.DEFAULT);
  }

  public WarmStartSaves(Path run, Pace pace) {
    this.folder = run.resolve(FOLDER);
    this.pace = pace;
  }

  /**
   * When it is time to save: what is lost is bounded, and so is the share of the time that saving
   * takes.
   *
   * @param least time between two saves
   * @param times how much longer than the last save took
   */
  public record Pace(Duration least, int times) {
    public static final Pace DEFAULT = new Pace(Duration.ofMinutes(1), 20);
  }

  /**
   * How far a warm start got.
   *
   * @param folder of the weights with their config.json, or of the adapter
   * @param progress what they have had
   * @param isComplete whether there is nothing left to do
   * @param source what its lessons depend on besides the recipe
   * @param seconds of work that it took, those of earlier processes included
   */
  public record Saved(
      Path folder, Progress progress, boolean isComplete, String source, double seconds) {

    /** The optimiser's state; there is none when the warm start is complete. */
    public Path optimiser() {
      return folder.resolve(OPTIMISER);
    }
  }

  /** What a save's file has. */
  private record Entry(Progress progress, boolean complete, String source, double seconds) {}

  /**
   * The newest step that was saved whole.
   *
   * @throws DamagedStateException when it is not as it was written
   */
  public Optional<Saved> newest() throws IOException {
    Optional<Path> newest =
        folders().stream()
            .filter(one -> Manifest.isIn(one) && !isDraft(one))
            .max(Comparator.comparing(Path::getFileName));
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    Saved saved = read(newest.get());
    secondsBefore = saved.seconds();
    return Optional.of(saved);
  }

  private static Saved read(Path folder) throws IOException {
    String remedy =
        "put back the file that was written, or delete the folder %s to go without it"
            .formatted(folder);
    Path file = folder.resolve(PROGRESS);
    try {
      Manifest.verify(folder);
      Entry entry = JSON.readValue(Files.readString(file), Entry.class);
      return new Saved(folder, entry.progress(), entry.complete(), entry.source(), entry.seconds());
    } catch (DamagedStateException e) {
      throw new DamagedStateException(e.damage(), remedy);
    } catch (JsonProcessingException e) {
      throw new DamagedStateException(new Damage(file, "is no progress of a warm start"), remedy);
    }
  }

  /** Seconds of work so far, as far as they are not lost. */
  public double seconds() {
    return secondsBefore + (System.nanoTime() - begun) / 1e9;
  }

  /** Whether it is time to save again. */
  public boolean isDue() {
    return System.nanoTime() - lastSave
        >= Math.max(pace.least().toNanos(), pace.times() * nanosOfLastSave);
  }

  /**
   * Saves a step, in place of an earlier one. Of a policy with an adapter only that is saved.
   *
   * @param source what the lessons depend on besides the recipe
   * @param optimiser its state, where there are further steps
   */
  public void save(Policy policy, Optional<Optimiser> optimiser, String source, Progress progress)
      throws IOException {
    long start = System.nanoTime();
    Path target = folder.resolve("step-%08d".formatted(progress.steps()));
    Path draft = folder.resolve("." + target.getFileName() + ".tmp");
    DurableFiles.deleteTree(draft);
    Files.createDirectories(draft);
    if (policy.decoder().lora().isPresent()) {
      policy.decoder().saveAdapter(draft, "the recipe's checkpoint");
    } else {
      policy.save(draft);
    }
    optimiser.ifPresent(one -> one.save(draft.resolve(OPTIMISER)));
    AtomicFiles.write(
        draft.resolve(PROGRESS),
        JSON.writeValueAsString(new Entry(progress, optimiser.isEmpty(), source, seconds())));
    Manifest.seal(draft);
    DurableFiles.deleteTree(target);
    DurableFiles.move(draft, target);
    for (Path older : folders()) {
      if (!older.equals(target)) {
        DurableFiles.deleteTree(older);
      }
    }
    lastSave = System.nanoTime();
    nanosOfLastSave = lastSave - start;
  }

  /** Removes everything: a complete round has it all. */
  public void remove() throws IOException {
    DurableFiles.deleteTree(folder);
  }

  private static boolean isDraft(Path folder) {
    return String.valueOf(folder.getFileName()).startsWith(".");
  }

  private List<Path> folders() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).toList();
    }
  }
}
