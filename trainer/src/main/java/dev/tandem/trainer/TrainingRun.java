package dev.tandem.trainer;

import dev.tandem.aegis.Aegis;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.buffer.ReplayBuffer;
import dev.tandem.rollout.run.EpisodeLimits;
import dev.tandem.rollout.run.LocalRolloutExecutor;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.PeakMemory;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.learning.ReferencePolicy;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.Environments;
import dev.tandem.trainer.recipe.OptimiserSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.Rollouts;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.RunSummary;
import dev.tandem.trainer.warmstart.WarmStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** A whole training run: warm start or resume, the co-evolution loop, and what it came to. */
public final class TrainingRun {
  private final RunConfig config;
  private final RunFolder folder;
  private final Execution execution;
  private final Monitor monitor;
  private final EnvironmentFamily family;
  private final HarnessConfig harness;
  private final ProcessorRegistry registry;

  /**
   * @throws IllegalArgumentException if the recipe names an environment that does not exist
   * @throws dev.tandem.harness.value.HarnessException if its harness cannot be compiled
   * @throws dev.tandem.trainer.model.file.CheckpointException if its checkpoint cannot be used
   */
  public TrainingRun(RunConfig config, Path folder, Execution execution, Monitor monitor) {
    this.config = config;
    this.folder = new RunFolder(folder);
    this.execution = adjusted(execution, config);
    this.monitor = monitor;
    this.family = Environments.named(config.environment());
    this.registry = Environments.registry(family);
    this.harness = HarnessConfig.parse(config.harness().toString(), "harness", registry);
    if (!config.model().checkpoint().isEmpty()) {
      HfCheckpoint.open(Path.of(config.model().checkpoint()));
    }
  }

  /** What the recipe says about how to compute; the rest is the machine's. */
  private static Execution adjusted(Execution execution, RunConfig config) {
    return execution
        .withPrecision(config.model().precision())
        .withTrainingMemory(
            execution
                .trainingMemory()
                .withPacking(config.optimiser().packing())
                .withRecomputation(config.optimiser().recomputeLayers()));
  }

  /** Runs to the end, from wherever the folder has got to. */
  public RunSummary execute() throws IOException {
    Optional<RunState> saved = folder.latestState();
    Stopwatch stopwatch = new Stopwatch();
    try (Policy policy = saved.isPresent() ? resumed() : begun();
        TraceStore traces = TraceStore.open(folder.path());
        Ledger ledger = Ledger.open(folder.ledger())) {
      int completed = saved.map(RunState::round).orElse(-1);
      folder.truncateAfter(completed);
      traces.truncateAfter(completed);
      ledger.truncateAfterRound(completed);
      if (saved.isPresent()) {
        monitor.note("resuming after round " + completed);
      }
      try (Optimiser optimiser = optimiser(policy, completed);
          Reference reference = reference(policy, saved.isPresent())) {
        CoEvolution loop = loop(policy, reference.policy(), optimiser, traces, ledger, saved);
        RunState begun = saved.isPresent() ? saved.get() : loop.begin(harness, stopwatch.lap());
        return conclude(loop.run(begun), policy, ledger);
      }
    }
  }

  /** The agent before the first round: warmed up, and then, if the recipe says so, adapted. */
  private Policy begun() {
    Policy policy = initial();
    boolean ready = false;
    try {
      warmStart(policy);
      ready = true;
    } finally {
      if (!ready) {
        policy.close();
      }
    }
    Optional<LoraSettings> lora = config.model().lora().settings();
    return lora.isPresent()
        ? policy.withAdapter(lora.get(), RandomStreams.derive(config.seed(), "adapter"))
        : policy;
  }

  /** A frozen base never changes after round 0, whose checkpoint has it without its adapter. */
  private Policy resumed() throws IOException {
    return config.model().lora().settings().isEmpty()
        ? loadLatest()
        : load(folder.checkpoint(0))
            .withAdapter(folder.latestCheckpoint().orElseThrow().resolve(RunFolder.ADAPTER));
  }

  /** The initial checkpoint; an adapter's frozen base is one already, all else needs a copy. */
  private Reference reference(Policy policy, boolean resumed) {
    if (config.model().lora().settings().isPresent()) {
      return new Reference(policy.decoder()::scoreFrozen, () -> {});
    }
    Policy copy = resumed ? load(folder.checkpoint(0)) : policy.copy();
    return new Reference(copy.decoder()::scoreRecords, copy::close);
  }

  private record Reference(ReferencePolicy policy, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  private Policy initial() {
    if (!config.model().checkpoint().isEmpty()) {
      return load(Path.of(config.model().checkpoint()));
    }
    return Policy.fresh(
        config.model(), vocabulary(), config.model().responseTokens(), config.seed(), execution);
  }

  /** Every word that the environment or a built-in processor may use. */
  private List<String> vocabulary() {
    Set<String> words = new TreeSet<>(family.vocabulary());
    words.addAll(registry.vocabulary());
    return List.copyOf(words);
  }

  private Policy loadLatest() throws IOException {
    return Policy.load(
        folder.latestCheckpoint().orElseThrow(),
        folder.checkpoint(0),
        config.model().responseTokens(),
        execution);
  }

  private Policy load(Path checkpoint) {
    return Policy.load(checkpoint, config.model().responseTokens(), execution);
  }

  private Optimiser optimiser(Policy policy, int completed) {
    return completed < 0
        ? policy.decoder().newOptimiser(adamW())
        : policy
            .decoder()
            .restoreOptimiser(
                adamW(), folder.checkpoint(completed).resolve(GrpoTrainer.OPTIMISER_FILE));
  }

  private AdamWSettings adamW() {
    OptimiserSettings settings = config.optimiser();
    return new AdamWSettings(settings.beta1(), settings.beta2(), 1e-8, settings.weightDecay());
  }

  /** Behaviour cloning, for a fresh model only: a checkpoint begins as it is. */
  private void warmStart(Policy policy) {
    if (!config.model().checkpoint().isEmpty()) {
      return;
    }
    WarmStart warmStart = new WarmStart(config.warmStart(), config.seed());
    monitor.note("warm start: %d expert episodes".formatted(config.warmStart().episodes()));
    List<TrainRecord> lessons = warmStart.lessons(family, harness, registry, policy.format());
    try (Optimiser optimiser =
            policy
                .decoder()
                .newOptimiser(
                    new AdamWSettings(
                        config.optimiser().beta1(),
                        config.optimiser().beta2(),
                        1e-8,
                        config.warmStart().weightDecay()));
        Monitor.Task task = monitor.begin("warm start", warmStart.steps(lessons.size()), "steps")) {
      warmStart.train(
          policy.decoder(),
          optimiser,
          lessons,
          (step, steps, loss) -> {
            task.advance(1);
            task.detail(String.format(Locale.ROOT, "loss %.3f", loss));
          });
    }
  }

  private CoEvolution loop(
      Policy policy,
      ReferencePolicy reference,
      Optimiser optimiser,
      TraceStore traces,
      Ledger ledger,
      Optional<RunState> saved) {
    LocalRolloutExecutor executor =
        new LocalRolloutExecutor(
            family,
            LocalRolloutExecutor.Settings.forWorld(family.capabilities())
                .withConcurrency(config.rollout().concurrency())
                .withLimits(
                    EpisodeLimits.DEFAULT.withModelCallsPerStep(
                        config.rollout().modelCallsPerStep())));
    return new CoEvolution(
        config,
        folder,
        policy,
        new Rollouts(family, executor, registry, config.rollout(), config.seed(), monitor),
        new EpisodeRecord(traces, family.failures()),
        saved.map(state -> replay(traces, state)).orElseGet(this::emptyBuffer),
        new Aegis(config.aegis(), registry, family.failures(), ledger),
        new GrpoTrainer(
            policy.decoder(),
            reference,
            optimiser,
            config.grpo(),
            config.optimiser(),
            config.rounds(),
            Kernels.best(),
            config.seed()),
        monitor);
  }

  private ReplayBuffer emptyBuffer() {
    return new ReplayBuffer(config.rollout().replayRounds() * config.rollout().episodes());
  }

  /** What the replay buffer still holds, of the complete rounds, when the next one is inserted. */
  private ReplayBuffer replay(TraceStore traces, RunState state) {
    ReplayBuffer buffer = emptyBuffer();
    List<Integer> learned =
        IntStream.rangeClosed(1, state.round())
            .boxed()
            .filter(round -> !state.poisoned().contains(round))
            .toList();
    int held = Math.min(config.rollout().replayRounds() - 1, learned.size());
    for (int round : learned.subList(learned.size() - held, learned.size())) {
      buffer.insert(traces.read(round));
    }
    return buffer;
  }

  private RunSummary conclude(RunState state, Policy policy, Ledger ledger) throws IOException {
    OptionalLong peak = PeakMemory.megabytes();
    RunSummary summary =
        new RunSummary(
            config.mode().id(),
            config.seed(),
            state.round(),
            state.seconds(),
            peak.isPresent() ? peak.getAsLong() : null,
            new RunSummary.Point(state.start()),
            new RunSummary.Point(folder.lastSealed().orElse(state.start())),
            policy.decoder().weightsSha256(),
            state.aegis().incumbent().hash(registry),
            ledger.head(),
            state.shipped(),
            state.rejected(),
            state.episodes());
    AtomicFiles.write(folder.path().resolve("harness.yaml"), state.aegis().incumbent().toYaml());
    AtomicFiles.write(folder.path().resolve(RunFiles.SUMMARY), ResultJson.text(summary) + "\n");
    return summary;
  }
}
