package dev.tandem.trainer;

import dev.tandem.aegis.Aegis;
import dev.tandem.aegis.Verdict;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerException;
import dev.tandem.aegis.ledger.SigningKey;
import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.model.Model;
import dev.tandem.rollout.buffer.ReplayBuffer;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.grpo.StepCredit;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.PeakMemory;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.recipe.ProviderSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.run.GoingOn;
import dev.tandem.trainer.run.HeadSigner;
import dev.tandem.trainer.run.Keeping;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.Resumption;
import dev.tandem.trainer.run.Rollouts;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.RunSummary;
import dev.tandem.trainer.run.Saves;
import dev.tandem.trainer.tensorboard.EventFile;
import dev.tandem.trainer.warmstart.TaskShares;
import dev.tandem.trainer.warmstart.WarmStartSaves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A whole training run: warm start or resume, the co-evolution loop, and what it came to. What it
 * started for its harnesses ends when it is closed.
 */
public final class TrainingRun implements AutoCloseable {
  private final RunConfig config;
  private final Doors doors;
  private final RunFolder folder;
  private final Execution execution;
  private final Monitor monitor;
  private final EnvironmentFamily family;
  private final Equipment equipment;
  private final HarnessConfig harness;
  private final Optional<SigningKey> signingKey;
  private final Optional<Equipment.Author> author;
  private final Saves saves = new Saves();
  private WarmStartSaves warmStarts;

  /** A run of what comes with Tandem and with the jars that its recipe names. */
  public TrainingRun(RunConfig config, Path folder, Execution execution, Monitor monitor) {
    this(config, Doors.open(config.plugins()), folder, execution, monitor);
  }

  /**
   * @param doors what the recipe's names stand for; it stays the caller's
   * @throws IllegalArgumentException if the recipe names an environment that does not exist
   * @throws dev.tandem.harness.value.HarnessException if its harness cannot be compiled
   * @throws dev.tandem.trainer.equipment.EquipmentException if its harness lacks something to work
   * @throws dev.tandem.trainer.model.file.CheckpointException if its checkpoint cannot be used
   */
  public TrainingRun(
      RunConfig config, Doors doors, Path folder, Execution execution, Monitor monitor) {
    this.config = config;
    this.doors = doors;
    this.folder = new RunFolder(folder, Keeping.of(config));
    this.execution = adjusted(execution, config);
    this.monitor = monitor;
    this.warmStarts = new WarmStartSaves(folder);
    this.signingKey = signingKey(config);
    this.family = doors.family(config.environment());
    requireAnchors(config, family);
    if (!config.model().checkpoint().isEmpty()) {
      HfCheckpoint.open(Path.of(config.model().checkpoint())).remarks().forEach(monitor::note);
    }
    this.equipment = new Equipment(config, doors, family, folder, this.execution);
    boolean usable = false;
    try {
      this.harness =
          HarnessConfig.parse(
              config.harness().toString(), "harness", equipment.outfit().registry());
      equipment.check(harness, "harness");
      this.author = equipment.author();
      usable = true;
    } finally {
      if (!usable) {
        equipment.close();
      }
    }
  }

  static void requireAnchors(RunConfig config, EnvironmentFamily family) {
    if (config.mode().trainsModel()
        && config.grpo().stepCredit() instanceof StepCredit.Anchors
        && !family.capabilities().stateHash()) {
      throw new ConfigException(
          "grpo.step_credit",
          "anchors are states, and environment '%s' does not tell a state's hash: choose {type: off}, or another environment"
              .formatted(family.id()));
    }
  }

  private static Optional<SigningKey> signingKey(RunConfig config) {
    try {
      return Optional.ofNullable(config.aegis().signingKey()).map(SigningKey::read);
    } catch (LedgerException unusable) {
      throw new ConfigException(
          "aegis.signing_key", String.valueOf(unusable.getMessage()), unusable);
    }
  }

  /** What the recipe says about how to compute; the rest is the machine's. */
  static Execution adjusted(Execution execution, RunConfig config) {
    return execution
        .withPrecision(config.model().precision())
        .withCacheBytes(config.rollout().cacheBytes())
        .withTrainingMemory(
            execution
                .trainingMemory()
                .withPacking(config.optimiser().packing())
                .withRecomputation(config.optimiser().recomputeLayers()));
  }

  /** Runs to the end, from wherever the folder has got to. */
  public RunSummary execute() throws IOException {
    return execute(GoingOn.AS_IT_WAS);
  }

  /**
   * Runs to the end.
   *
   * @param how from which complete round a run goes on that has begun
   * @throws dev.tandem.trainer.io.DamagedStateException if that is not whole
   * @throws dev.tandem.trainer.run.ResumptionException if there is none to go on from
   */
  public RunSummary execute(GoingOn how) throws IOException {
    Optional<RunState> saved =
        new Resumption(folder, this::heldRounds, config.lag(), monitor::note).prepare(how);
    int completed = saved.map(RunState::round).orElse(-1);
    if (config.model().outside().isEmpty()) {
      model().flatMap(spec -> MemoryNote.of(config, spec, execution)).ifPresent(monitor::note);
    }
    saved.ifPresent(state -> saves.found(state.progress(config)));
    try (TraceStore traces = TraceStore.open(folder.path());
        Ledger ledger = Ledger.open(folder.ledger());
        Actor actor = actor(completed)) {
      traces.notes().forEach(monitor::note);
      traces.truncateAfter(completed);
      ledger.truncateAfterRound(completed);
      HeadSigner signer = new HeadSigner(folder, ledger, signingKey);
      signer.sign();
      new EventFile(folder.path()).update();
      if (saved.isPresent()) {
        monitor.note("resuming after round " + completed);
      }
      CoEvolution loop = loop(actor, traces, ledger, signer, saved);
      RunState begun = saved.isPresent() ? saved.get() : loop.begin(harness, warmStarts.seconds());
      warmStarts.remove();
      return conclude(loop.run(begun), actor, ledger);
    }
  }

  /** How much disk the whole run takes, about. */
  public long bytesNeeded() {
    return Room.of(config, config.model().outside().isPresent() ? Optional.empty() : model());
  }

  private Optional<ModelSpec> model() {
    String checkpoint = config.model().checkpoint();
    if (!checkpoint.isEmpty()) {
      return Optional.of(HfCheckpoint.trusted(Path.of(checkpoint)).spec());
    }
    int words = family.vocabulary().size() + equipment.outfit().registry().vocabulary().size();
    return Optional.of(config.model().withVocabulary(Math.max(1, words)));
  }

  /** What is safe, for whoever has to end the run before its time. */
  public Saves saves() {
    return saves;
  }

  /** Changes how long a warm start works before it is saved. */
  TrainingRun savingTheWarmStart(WarmStartSaves.Pace pace) {
    warmStarts = new WarmStartSaves(folder.path(), pace);
    return this;
  }

  private Actor actor(int completed) throws IOException {
    Optional<ProviderSettings> outside = config.model().outside();
    if (outside.isPresent()) {
      ModelProvider provider = opened(outside.get());
      String note =
          "%s answers; it cannot be trained, so there is no warm start and no weights are kept"
              .formatted(provider.checkpoint());
      monitor.note(note);
      AtomicFiles.write(
          folder.path().resolve("README.md"),
          "# %s\n\n%s: a checkpoint holds who answered (`%s`) and the run's state. What this run learned is its harness, `harness.yaml`.\n"
              .formatted(
                  folder.path().toAbsolutePath().normalize().getFileName(),
                  note,
                  OutsideActor.PROVIDER_FILE));
      return new OutsideActor(
          provider, outside.get(), doors.identity(outside.get()), equipment.outfit());
    }
    DecoderStart start =
        new DecoderStart(
            config,
            folder,
            execution,
            equipment,
            new TaughtModel(
                config, execution, family, equipment, harness, warmStarts, saves, monitor));
    return completed < 0 ? start.begin() : start.resume(completed);
  }

  private ModelProvider opened(ProviderSettings outside) {
    try {
      return doors.provider(outside);
    } catch (Model.ModelException refused) {
      throw new ConfigException("model", String.valueOf(refused.getMessage()), refused);
    }
  }

  private CoEvolution loop(
      Actor actor, TraceStore traces, Ledger ledger, HeadSigner signer, Optional<RunState> saved) {
    return new CoEvolution(
        config,
        folder,
        actor,
        new Rollouts(
            family,
            Executors.of(config, family, equipment.models()),
            actor.outfit(),
            config.rollout(),
            TaskShares.of(family.tasks(), config).played(),
            config.seed(),
            monitor),
        new EpisodeRecord(traces, family.failures()),
        saved.map(state -> replay(traces, state)).orElseGet(this::emptyBuffer),
        new Aegis(
            config.aegis(),
            actor.outfit().registry(),
            family.failures(),
            ledger,
            actor.outfit().met(),
            LeverAuthors.of(config, family, actor.outfit(), author, folder.path(), monitor::note)),
        signer,
        saves,
        monitor);
  }

  private ReplayBuffer emptyBuffer() {
    int rounds = config.rollout().replayRounds();
    return new ReplayBuffer(rounds * config.mostEpisodesPerRound(), rounds);
  }

  /** What the replay buffer still holds, of the complete rounds, when the next one is inserted. */
  private ReplayBuffer replay(TraceStore traces, RunState state) {
    ReplayBuffer buffer = emptyBuffer();
    for (int round : heldRounds(state)) {
      buffer.insert(traces.read(round));
    }
    return buffer;
  }

  /** The rounds of which the replay buffer holds episodes when the next one is inserted. */
  private SortedSet<Integer> heldRounds(RunState state) {
    List<Integer> learned =
        IntStream.rangeClosed(1, state.round())
            .boxed()
            .filter(round -> !state.poisoned().contains(round))
            .toList();
    int held = Math.min(config.rollout().replayRounds() - 1, learned.size());
    return new TreeSet<>(learned.subList(learned.size() - held, learned.size()));
  }

  private RunSummary conclude(RunState state, Actor actor, Ledger ledger) throws IOException {
    OptionalLong peak = PeakMemory.megabytes();
    HarnessPool pool = state.aegis().pool().harnesses();
    ProcessorRegistry registry = actor.outfit().registry();
    RunSummary summary =
        new RunSummary(
            config.mode().id(),
            config.seed(),
            state.round(),
            state.seconds(),
            peak.isPresent() ? peak.getAsLong() : null,
            new RunSummary.Point(state.start()),
            new RunSummary.Point(folder.lastSealed(state.round()).orElse(state.start())),
            actor.identity(),
            pool.hash(registry),
            ledger.head(),
            state.shipped(),
            state.rejected(),
            Verdict.REVERTED.countEntries(Ledger.verify(folder.ledger()).entries()),
            state.episodes());
    folder.conclude(pool.toFile(registry), ResultJson.text(summary) + "\n");
    return summary;
  }

  @Override
  public void close() {
    equipment.close();
  }
}
