package dev.tandem.trainer;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.UpdateRule;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.Saves;
import dev.tandem.trainer.warmstart.ChatFile;
import dev.tandem.trainer.warmstart.ChatLessons;
import dev.tandem.trainer.warmstart.Demonstrator;
import dev.tandem.trainer.warmstart.ExpertLessons;
import dev.tandem.trainer.warmstart.HeldOut;
import dev.tandem.trainer.warmstart.Lessons;
import dev.tandem.trainer.warmstart.Progress;
import dev.tandem.trainer.warmstart.TaskShares;
import dev.tandem.trainer.warmstart.WarmStart;
import dev.tandem.trainer.warmstart.WarmStartSaves;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A recipe's model before the first round: made or loaded, and taught, as far as a folder's saves
 * do not have that already. A checkpoint that is taught with an adapter keeps its weights: the
 * adapter alone learns.
 */
record TaughtModel(
    RunConfig config,
    Execution execution,
    EnvironmentFamily family,
    Equipment equipment,
    HarnessConfig harness,
    WarmStartSaves warmStarts,
    Saves saves,
    Monitor monitor) {

  /** The model as the first round needs it: a checkpoint is taught only where there are chats. */
  Policy taught() throws IOException {
    return config.warmsUp() ? warmedUp().policy() : begun(Optional.empty(), false);
  }

  /**
   * A model after its warm start.
   *
   * @param lessons that it had; none where nothing was left to do
   */
  record Outcome(Policy policy, Progress progress, Optional<Lessons> lessons) {}

  /** The model after its warm start, whatever it began as. */
  Outcome warmedUp() throws IOException {
    Optional<WarmStartSaves.Saved> saved = warmStarts.newest();
    if (saved.isPresent()) {
      saves.found(sentence(saved.get().progress(), saved.get().isComplete()));
      monitor.note("resuming: " + saves.safe());
    }
    Policy policy = begun(saved.map(WarmStartSaves.Saved::folder), true);
    boolean ready = false;
    try {
      Outcome outcome =
          saved.isPresent() && saved.get().isComplete()
              ? new Outcome(policy, saved.get().progress(), Optional.empty())
              : warmUp(policy, saved);
      ready = true;
      return outcome;
    } finally {
      if (!ready) {
        policy.close();
      }
    }
  }

  /**
   * The model as it begins, or with the weights, or the adapter, that a folder has of an earlier
   * process.
   */
  private Policy begun(Optional<Path> taught, boolean teaching) throws IOException {
    ModelSettings model = config.model();
    if (model.checkpoint().isEmpty()) {
      List<String> words = vocabulary();
      return taught.isPresent()
          ? Policy.taughtSince(model, words, model.responseTokens(), taught.get(), execution)
          : Policy.fresh(model, words, model.responseTokens(), config.seed(), execution);
    }
    Path checkpoint = Path.of(model.checkpoint());
    Optional<LoraSettings> lora = teaching ? model.lora().settings() : Optional.empty();
    if (lora.isEmpty()) {
      return taught.isPresent()
          ? Policy.load(taught.get(), checkpoint, model.responseTokens(), execution)
          : learns(teaching)
              ? Policy.load(checkpoint, model.responseTokens(), execution)
              : Policy.loadFrozen(checkpoint, model.responseTokens(), execution);
    }
    Policy frozen = Policy.loadFrozen(checkpoint, model.responseTokens(), execution);
    return taught.isPresent()
        ? frozen.withAdapter(taught.get())
        : frozen.withAdapter(lora.get(), RandomStreams.derive(config.seed(), "warm-start adapter"));
  }

  /** Whether a checkpoint's own weights are to change, now or in the rounds. */
  private boolean learns(boolean teaching) {
    return teaching || (config.mode().trainsModel() && config.model().lora().settings().isEmpty());
  }

  /** Every word that the environment, a processor or a conversation may use. */
  private List<String> vocabulary() throws IOException {
    ProcessorRegistry registry = equipment.outfit().registry();
    Set<String> words = new TreeSet<>(family.vocabulary());
    Optional<ChatFile> chats = chats();
    if (chats.isPresent()) {
      words.addAll(chats.get().words());
    }
    if (words.isEmpty()) {
      throw new IllegalArgumentException(
          "environment '%s' tells no vocabulary to make a model for: name a checkpoint under model.checkpoint, or a provider"
              .formatted(family.id()));
    }
    words.addAll(registry.vocabulary());
    return List.copyOf(words);
  }

  private Optional<ChatFile> chats() {
    return Optional.ofNullable(config.warmStart().chats().file()).map(ChatFile::new);
  }

  /** What the warm start teaches a model. */
  private Lessons lessons(Policy policy) throws IOException {
    Optional<ChatFile> chats = chats();
    return chats.isPresent()
        ? ChatLessons.read(
            chats.get(),
            config.warmStart(),
            config.seed(),
            policy.format(),
            policy.decoder().spec().maxPositions())
        : expertLessons(policy);
  }

  /** Writes what the environment's expert shows in a first pass; answers how many lessons. */
  int writeDemonstrations(Path file) throws IOException {
    try (Policy policy = begun(Optional.empty(), false)) {
      List<Demonstrator.Lesson> lessons = expertLessons(policy).demonstrated();
      ChatFile.write(file, lessons);
      return lessons.size();
    }
  }

  /** What the environment's expert shows. */
  private ExpertLessons expertLessons(Policy policy) {
    return new ExpertLessons(
        config.warmStart(),
        config.seed(),
        family,
        TaskShares.demonstrating(family.tasks(), config).demonstrated(family.tasks()),
        harness,
        equipment.actedBy(policy),
        policy.format());
  }

  private Outcome warmUp(Policy policy, Optional<WarmStartSaves.Saved> saved) throws IOException {
    WarmStart warmStart = new WarmStart(config.warmStart(), config.seed());
    Lessons lessons = lessons(policy);
    monitor.note("warm start: " + lessons.title());
    if (saved.isPresent() && !saved.get().source().equals(lessons.source())) {
      throw new DamagedStateException(
          new Damage(
              chats().map(ChatFile::path).orElse(saved.get().folder()),
              "has changed since the warm start in %s learned from it"
                  .formatted(saved.get().folder())),
          "put back the file that it was, or delete that folder to begin anew");
    }
    Progress done = saved.map(WarmStartSaves.Saved::progress).orElse(Progress.NONE);
    long most = warmStart.mostSteps(lessons.pass(0).size());
    Progress end;
    try (Optimiser optimiser = optimiser(policy, saved);
        Monitor.Task task =
            monitor.begin("warm start", Math.max(1, most - done.steps()), "steps")) {
      end =
          warmStart.train(
              policy.decoder(),
              optimiser,
              lessons,
              done,
              new Saving(policy, optimiser, lessons.source(), task));
    }
    save(policy, Optional.empty(), lessons.source(), end);
    return new Outcome(policy, end, Optional.of(lessons));
  }

  /** Saves now and then, and tells a person. */
  private final class Saving implements WarmStart.Listener {
    private final Policy policy;
    private final Optimiser optimiser;
    private final String source;
    private final Monitor.Task task;

    Saving(Policy policy, Optimiser optimiser, String source, Monitor.Task task) {
      this.policy = policy;
      this.optimiser = optimiser;
      this.source = source;
      this.task = task;
    }

    @Override
    public void measured(Progress progress) {
      if (progress.before() != null) {
        monitor.note("warm start: before the first step " + said(progress.before()));
      }
    }

    @Override
    public void stepped(Progress progress, double loss) {
      if (warmStarts.isDue()) {
        save(policy, Optional.of(optimiser), source, progress);
      }
      task.advance(1);
      task.detail(String.format(Locale.ROOT, "loss %.3f", loss));
    }

    @Override
    public void passed(Progress progress) {
      monitor.note(
          "warm start: after pass %d %s"
              .formatted(progress.pass(), said(progress.heldOut().getLast())));
    }
  }

  private static String said(HeldOut held) {
    String loss =
        String.format(Locale.ROOT, "the loss on held-out demonstrations is %.3f", held.loss());
    return held.world() == null
        ? loss
        : loss + String.format(Locale.ROOT, ", and %.3f on what is observed there", held.world());
  }

  private Optimiser optimiser(Policy policy, Optional<WarmStartSaves.Saved> saved) {
    WarmStartSettings settings = config.warmStart();
    UpdateRule rule = settings.optimiser().with(config.optimiser().adamW(settings.weightDecay()));
    return saved.isPresent()
        ? policy.decoder().restoreOptimiser(rule, saved.get().optimiser())
        : policy.decoder().newOptimiser(rule);
  }

  private void save(
      Policy policy, Optional<Optimiser> optimiser, String source, Progress progress) {
    try {
      saves.save(
          "the warm start",
          sentence(progress, optimiser.isEmpty()),
          () -> warmStarts.save(policy, optimiser, source, progress));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sentence(Progress progress, boolean complete) {
    return complete
        ? "the warm start is saved"
        : "the warm start is saved up to step %d, in pass %d"
            .formatted(progress.steps(), progress.pass() + 1);
  }
}
