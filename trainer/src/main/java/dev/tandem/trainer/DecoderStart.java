package dev.tandem.trainer;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.UpdateRule;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.OptimiserSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.Saves;
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

/** How a run's decoder comes to be: made and warmed up, or loaded, or taken up again. */
record DecoderStart(
    RunConfig config,
    RunFolder folder,
    Execution execution,
    EnvironmentFamily family,
    Equipment equipment,
    HarnessConfig harness,
    WarmStartSaves warmStarts,
    Saves saves,
    Monitor monitor) {

  /** The agent's model before the first round: warmed up, and then, if asked for, adapted. */
  Actor begin() throws IOException {
    Policy policy =
        config.model().checkpoint().isEmpty()
            ? warmedUp()
            : load(Path.of(config.model().checkpoint()));
    Optional<LoraSettings> lora = config.model().lora().settings();
    return actor(
        lora.isPresent()
            ? policy.withAdapter(lora.get(), RandomStreams.derive(config.seed(), "adapter"))
            : policy,
        new FrozenBase(config.model(), folder),
        -1);
  }

  /**
   * The model as a complete round left it. A frozen base never changes; an adapter's checkpoint
   * says where it is, but for the first of a model that was made here, which has it.
   */
  Actor resume(int completed) throws IOException {
    Path latest = folder.checkpoint(completed);
    FrozenBase base = new FrozenBase(config.model(), folder);
    return actor(
        config.model().lora().settings().isEmpty()
            ? Policy.load(latest, folder.checkpoint(0), config.model().responseTokens(), execution)
            : verified(base.at(latest)).withAdapter(latest.resolve(RunFiles.ADAPTER)),
        base,
        completed);
  }

  private Actor actor(Policy policy, FrozenBase base, int completed) {
    DecoderActor actor =
        new DecoderActor(
            config,
            policy,
            base,
            reference(policy, completed >= 0),
            optimiser(policy, completed),
            equipment.actedBy(policy));
    if (completed >= 0) {
      actor.resume(folder.checkpoint(completed));
    }
    return actor;
  }

  /** The initial checkpoint; an adapter's frozen base is one already, all else needs a copy. */
  private DecoderActor.Reference reference(Policy policy, boolean resumed) {
    if (config.model().lora().settings().isPresent()) {
      return new DecoderActor.Reference(policy.decoder()::scoreFrozen, () -> {});
    }
    Policy copy = resumed ? verified(folder.checkpoint(0)) : policy.copy();
    return new DecoderActor.Reference(copy.decoder()::scoreRecords, copy::close);
  }

  private Policy fresh() {
    return Policy.fresh(
        config.model(), vocabulary(), config.model().responseTokens(), config.seed(), execution);
  }

  private Policy fresh(Path weights) {
    return Policy.taughtSince(
        config.model(), vocabulary(), config.model().responseTokens(), weights, execution);
  }

  /** Every word that the environment or a processor may use. */
  private List<String> vocabulary() {
    ProcessorRegistry registry = equipment.outfit().registry();
    Set<String> words = new TreeSet<>(family.vocabulary());
    if (words.isEmpty()) {
      throw new IllegalArgumentException(
          "environment '%s' tells no vocabulary to make a model for: name a checkpoint under model.checkpoint, or a provider"
              .formatted(family.id()));
    }
    words.addAll(registry.vocabulary());
    return List.copyOf(words);
  }

  private Policy load(Path checkpoint) {
    return Policy.load(checkpoint, config.model().responseTokens(), execution);
  }

  /** A checkpoint of this run that was compared with its manifest before the run went on. */
  private Policy verified(Path checkpoint) {
    return Policy.load(checkpoint, checkpoint, config.model().responseTokens(), execution);
  }

  private Optimiser optimiser(Policy policy, int completed) {
    return completed < 0
        ? policy.decoder().newOptimiser(adamW(config.optimiser().weightDecay()))
        : policy
            .decoder()
            .restoreOptimiser(
                adamW(config.optimiser().weightDecay()),
                folder.checkpoint(completed).resolve(GrpoTrainer.OPTIMISER_FILE));
  }

  private AdamWSettings adamW(double weightDecay) {
    OptimiserSettings settings = config.optimiser();
    return new AdamWSettings(settings.beta1(), settings.beta2(), 1e-8, weightDecay);
  }

  /** A model of our own after behaviour cloning, as far as that is not done already. */
  private Policy warmedUp() throws IOException {
    Optional<WarmStartSaves.Saved> saved = warmStarts.newest();
    Policy policy = saved.isPresent() ? fresh(saved.get().folder()) : fresh();
    boolean ready = false;
    try {
      if (saved.isPresent()) {
        saves.found(sentence(saved.get().progress(), saved.get().isComplete()));
        monitor.note("resuming: " + saves.safe());
      }
      if (saved.isEmpty() || !saved.get().isComplete()) {
        warmStart(policy, saved);
      }
      ready = true;
      return policy;
    } finally {
      if (!ready) {
        policy.close();
      }
    }
  }

  private void warmStart(Policy policy, Optional<WarmStartSaves.Saved> saved) throws IOException {
    WarmStart warmStart = new WarmStart(config.warmStart(), config.seed());
    monitor.note("warm start: %d expert episodes".formatted(config.warmStart().episodes()));
    Lessons lessons =
        new Lessons(
            config.warmStart(),
            config.seed(),
            family,
            TaskShares.of(family.tasks(), config).demonstrated(family.tasks()),
            harness,
            equipment.actedBy(policy),
            policy.format());
    Progress done = saved.map(WarmStartSaves.Saved::progress).orElse(Progress.NONE);
    long most = warmStart.mostSteps(lessons.pass(0).size());
    Progress end;
    try (Optimiser optimiser = warmStartOptimiser(policy, saved);
        Monitor.Task task =
            monitor.begin("warm start", Math.max(1, most - done.steps()), "steps")) {
      end =
          warmStart.train(
              policy.decoder(),
              optimiser,
              lessons,
              done,
              new WarmStart.Listener() {
                @Override
                public void stepped(Progress progress, double loss) {
                  if (warmStarts.isDue()) {
                    save(policy, Optional.of(optimiser), progress);
                  }
                  task.advance(1);
                  task.detail(String.format(Locale.ROOT, "loss %.3f", loss));
                }

                @Override
                public void passed(Progress progress) {
                  monitor.note(
                      String.format(
                          Locale.ROOT,
                          "warm start: after pass %d the loss on held-out demonstrations is %.3f",
                          progress.pass(),
                          progress.heldOut().getLast()));
                }
              });
    }
    save(policy, Optional.empty(), end);
  }

  private Optimiser warmStartOptimiser(Policy policy, Optional<WarmStartSaves.Saved> saved) {
    WarmStartSettings settings = config.warmStart();
    UpdateRule rule = settings.optimiser().with(adamW(settings.weightDecay()));
    return saved.isPresent()
        ? policy.decoder().restoreOptimiser(rule, saved.get().optimiser())
        : policy.decoder().newOptimiser(rule);
  }

  private void save(Policy policy, Optional<Optimiser> optimiser, Progress progress) {
    try {
      saves.save(
          "the warm start",
          sentence(progress, optimiser.isEmpty()),
          () -> warmStarts.save(policy, optimiser, progress));
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
