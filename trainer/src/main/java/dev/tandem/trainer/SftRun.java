package dev.tandem.trainer;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.Saves;
import dev.tandem.trainer.warmstart.ChatFile;
import dev.tandem.trainer.warmstart.HeldOut;
import dev.tandem.trainer.warmstart.Progress;
import dev.tandem.trainer.warmstart.WarmStartSaves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The warm start of a recipe by itself: supervised fine-tuning on an expert's demonstrations or on
 * conversations, of a fresh model or of a checkpoint. What {@code train} does before its first
 * round is the same code. The folder holds the recipe, saves while it goes on, and in the end a
 * checkpoint; killed anywhere and resumed it ends with the same bytes.
 */
public final class SftRun implements AutoCloseable {
  /** The complete recipe; its presence makes a folder a warm start's. */
  public static final String RECIPE = "sft.yaml";

  /** The checkpoint that comes out. */
  public static final String CHECKPOINT = "checkpoint";

  private static final String SUMMARY = "sft.json";
  private static final String DRAFT = ".checkpoint.tmp";

  private final RunConfig config;
  private final Path folder;
  private final Saves saves = new Saves();
  private final WarmStartSaves warmStarts;
  private final Equipment equipment;
  private final TaughtModel model;

  /**
   * @param doors what the recipe's names stand for; it stays the caller's
   * @throws dev.tandem.trainer.warmstart.ChatFileException if a line of the chats cannot be used
   */
  public SftRun(RunConfig config, Doors doors, Path folder, Execution execution, Monitor monitor)
      throws IOException {
    this(config, doors, folder, execution, monitor, WarmStartSaves.Pace.DEFAULT);
  }

  SftRun(
      RunConfig config,
      Doors doors,
      Path folder,
      Execution execution,
      Monitor monitor,
      WarmStartSaves.Pace pace)
      throws IOException {
    this.config = config;
    this.folder = folder;
    requireTeachable(config);
    if (!config.model().checkpoint().isEmpty()) {
      HfCheckpoint.open(Path.of(config.model().checkpoint())).remarks().forEach(monitor::note);
      noteOnDefaults(config, monitor);
    }
    Path chats = config.warmStart().chats().file();
    if (chats != null) {
      new ChatFile(chats).read(_ -> {});
    }
    Execution adjusted = TrainingRun.adjusted(execution, config);
    EnvironmentFamily family = doors.family(config.environment());
    this.warmStarts = new WarmStartSaves(folder, pace);
    this.equipment = new Equipment(config, doors, family, folder, adjusted);
    boolean usable = false;
    try {
      // Conversations are learned without a harness, which need not be there then.
      HarnessConfig harness = chats == null ? parsed(config) : HarnessConfig.of();
      this.model =
          new TaughtModel(config, adjusted, family, equipment, harness, warmStarts, saves, monitor);
      usable = true;
    } finally {
      if (!usable) {
        equipment.close();
      }
    }
  }

  private HarnessConfig parsed(RunConfig config) {
    HarnessConfig harness =
        HarnessConfig.parse(config.harness().toString(), "harness", equipment.outfit().registry());
    equipment.check(harness, "harness");
    return harness;
  }

  private static void noteOnDefaults(RunConfig config, Monitor monitor) {
    double rate = config.warmStart().learningRate();
    if (rate == WarmStartSettings.DEFAULTS.learningRate()) {
      monitor.note(
          "warm start: the learning rate of %s is the default, which is for fresh small models; a pretrained one usually wants 1e-5 or so: warm_start.learning_rate"
              .formatted(rate));
    }
  }

  private static void requireTeachable(RunConfig config) {
    if (config.model().outside().isPresent()) {
      throw new ConfigException(
          "model.provider",
          "'%s' answers from outside and cannot be taught: name a checkpoint, or leave the provider out"
              .formatted(config.model().provider()));
    }
    if (config.model().checkpoint().isEmpty() && config.model().lora().settings().isPresent()) {
      throw new ConfigException(
          "model.lora.rank",
          "is for a checkpoint's adapter, and a fresh model learns with all its"
              + " weights: leave it out, or name a checkpoint");
    }
  }

  /**
   * What came of it.
   *
   * @param steps optimiser steps
   * @param before on what is held out, before the first step
   * @param after the same at the end
   * @param perplexity exp(loss) at the end
   * @param seconds of work
   */
  public record Summary(
      String checkpoint,
      String weightsSha256,
      int passes,
      int steps,
      HeldOut before,
      HeldOut after,
      double perplexity,
      double seconds) {}

  /** What is safe, for whoever has to end the run before its time. */
  public Saves saves() {
    return saves;
  }

  /** How much disk the whole of it takes, about: two saves with moments, and the checkpoint. */
  public long bytesNeeded() {
    if (config.model().checkpoint().isEmpty()) {
      return 64L << 20;
    }
    long parameters =
        HfCheckpoint.trusted(Path.of(config.model().checkpoint())).spec().parameters();
    boolean adapted = config.model().lora().settings().isPresent();
    return (64L << 20) + Float.BYTES * parameters * (adapted ? 2 : 7);
  }

  /**
   * Teaches, from wherever the folder has got to, and writes the checkpoint.
   *
   * @throws dev.tandem.trainer.io.DamagedStateException if what it goes on from is not whole
   */
  public Summary execute() throws IOException {
    AtomicFiles.write(folder.resolve(RECIPE), ConfigLoader.effective(config));
    TaughtModel.Outcome outcome = model.warmedUp();
    try (Policy policy = outcome.policy()) {
      saves.save("the checkpoint", "the checkpoint is written", () -> write(policy));
      Summary summary = summary(policy, outcome.progress());
      AtomicFiles.write(folder.resolve(SUMMARY), ResultJson.text(summary) + "\n");
      warmStarts.remove();
      return summary;
    }
  }

  private Summary summary(Policy policy, Progress progress) {
    HeldOut after = progress.heldOut().getLast();
    return new Summary(
        folder.resolve(CHECKPOINT).toString(),
        policy.decoder().weightsSha256(),
        progress.pass(),
        progress.steps(),
        Objects.requireNonNull(progress.before()),
        after,
        after.perplexity(),
        warmStarts.seconds());
  }

  private void write(Policy policy) throws IOException {
    Path draft = folder.resolve(DRAFT);
    Path target = folder.resolve(CHECKPOINT);
    DurableFiles.deleteTree(draft);
    Files.createDirectories(draft);
    policy.save(draft);
    if (policy.decoder().lora().isPresent()) {
      policy.decoder().saveAdapter(draft.resolve(RunFiles.ADAPTER), config.model().checkpoint());
    }
    Manifest.seal(draft);
    DurableFiles.deleteTree(target);
    DurableFiles.move(draft, target);
  }

  /**
   * The result of a warm start that came to its end, its checkpoint verified.
   *
   * @return empty where there is something left to do
   */
  public static Optional<String> finished(Path folder) throws IOException {
    Path summary = folder.resolve(SUMMARY);
    if (!Files.exists(summary) || !Files.isDirectory(folder.resolve(CHECKPOINT))) {
      return Optional.empty();
    }
    HfCheckpoint.verify(folder.resolve(CHECKPOINT));
    return Optional.of(Files.readString(summary).strip());
  }

  /**
   * Writes what the environment's expert would teach as conversations, one for each answer.
   *
   * @return how many
   */
  public int writeDemonstrations(Path file) throws IOException {
    return model.writeDemonstrations(file);
  }

  @Override
  public void close() {
    equipment.close();
  }
}
