package dev.tandem.trainer;

import dev.tandem.aegis.Aegis;
import dev.tandem.aegis.AegisResult;
import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.Decision;
import dev.tandem.aegis.RoundEvidence;
import dev.tandem.aegis.Waiting;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.buffer.ReplayBuffer;
import dev.tandem.rollout.run.PoisonedRoundException;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.trainer.learning.LearningMetrics;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.AwaitingWordException;
import dev.tandem.trainer.run.BackgroundSave;
import dev.tandem.trainer.run.BufferMetrics;
import dev.tandem.trainer.run.FailureMetrics;
import dev.tandem.trainer.run.HeadSigner;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.PoisonedRunException;
import dev.tandem.trainer.run.RolloutMetrics;
import dev.tandem.trainer.run.Rollouts;
import dev.tandem.trainer.run.RoundMetrics;
import dev.tandem.trainer.run.RoundTimes;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.Saves;
import dev.tandem.trainer.run.SuccessRate;
import dev.tandem.trainer.run.Words;
import dev.tandem.trainer.tensorboard.EventFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The co-evolution loop (HarnessX, section 5): every round, the same rollouts feed the evolution of
 * the harness and the training of the model, and neither sees what the other made of them.
 *
 * <p>rollout -> verify -> insert -> { AEGIS, GRPO } -> advance both
 *
 * <p>A round in which too many episodes failed for reasons outside the agent is stored, reported
 * and passed over.
 *
 * <p>A round is complete when its state is saved, which goes on beside the next round's rollouts:
 * they change neither weights nor disk. With a lag these begin as soon as the harness is decided
 * on, beside the learning, and under the weights that the round began with. A run that is killed
 * goes on from its last complete round and ends as if it had never been killed, because everything
 * random is drawn from streams named after the round.
 */
final class CoEvolution {
  /** Poisoned rounds in a row that end a run. */
  private static final int MOST_POISONED = 3;

  private final RunConfig config;
  private final RunFolder folder;
  private final Actor actor;
  private final Rollouts rollouts;
  private final EpisodeRecord record;
  private final ReplayBuffer buffer;
  private final Aegis aegis;
  private final HeadSigner signer;
  private final EventFile events;
  private final BackgroundSave saving;
  private final Monitor monitor;
  private final RoundSampling sampling;

  CoEvolution(
      RunConfig config,
      RunFolder folder,
      Actor actor,
      Rollouts rollouts,
      EpisodeRecord record,
      ReplayBuffer buffer,
      Aegis aegis,
      HeadSigner signer,
      Saves saves,
      Monitor monitor) {
    this.config = config;
    this.folder = folder;
    this.actor = actor;
    this.rollouts = rollouts;
    this.record = record;
    this.buffer = buffer;
    this.aegis = aegis;
    this.signer = signer;
    this.events = new EventFile(folder.path());
    this.saving = new BackgroundSave(saves);
    this.monitor = monitor;
    this.sampling = new RoundSampling(config, rollouts, record, aegis, saving);
  }

  /** Measures the agent as it is before the first round. */
  RunState begin(HarnessConfig harness, double secondsBefore) throws IOException {
    Stopwatch stopwatch = new Stopwatch();
    SuccessRate sealed =
        sealedSuccess(0, HarnessPool.of(harness), config.evaluation().sealedEpisodes());
    RunState state = RunState.initial(harness, sealed).after(secondsBefore + stopwatch.lap());
    complete(state, RoundMetrics.start(rollouts.hash(harness), sealed));
    saving.await();
    return state;
  }

  /** Every round that is left. */
  RunState run(RunState begun) throws IOException {
    RunState state = begun;
    try (saving;
        sampling) {
      while (!config.endsAfter(state.round(), state.episodes())) {
        state = heard(state);
        try {
          state = advance(state);
        } catch (PoisonedRoundException e) {
          state = passOver(state, e);
        }
      }
    }
    Waiting waiting = state.aegis().waiting();
    if (waiting != null) {
      monitor.note(
          "%s still waits for a person, and no round is left to take it up: resume with more rounds once somebody has spoken"
              .formatted(waiting.id()));
    }
    return state;
  }

  /** With what a person has said about the edit that waits; without a word the run may stop. */
  private RunState heard(RunState state) throws IOException {
    Waiting waiting = state.aegis().waiting();
    if (waiting == null) {
      return state;
    }
    saving.await();
    Optional<Word> word = new Words(folder.path()).on(waiting.id());
    if (word.isEmpty()) {
      if (config.aegis().whenWaiting() == WhenWaiting.GO_ON) {
        return state;
      }
      throw new AwaitingWordException(
          folder.path(),
          waiting.id(),
          String.join("; ", waiting.map().changes()),
          waiting.risk().name().toLowerCase(Locale.ROOT));
    }
    sampling.close(); // what is played ahead may not be in force any more
    AegisResult result = aegis.hear(state.aegis(), state.round() + 1, word.get());
    result.decisions().forEach(decision -> monitor.note(decision.line()));
    return state.heard(result.next(), result.decisions());
  }

  /** A poisoned round is counted and reported, and changes nothing; too many end the run. */
  private RunState passOver(RunState state, PoisonedRoundException why) throws IOException {
    Stopwatch stopwatch = new Stopwatch();
    RunState next = state.passedOver(why.result().trajectories().size());
    actor.receive(next.round(), buffer.contents());
    if (why.isHopeless() && config.endsAfter(next.round(), next.episodes())) {
      // Nothing could be measured after it, so it is not complete and is played again.
      throw new PoisonedRunException(1, why);
    }
    RoundMetrics metrics =
        RoundMetrics.poisoned(
            next.round(),
            next.shipped(),
            rollouts.hash(next.aegis().incumbent()),
            why.isHopeless() ? null : curvePoint(next).orElse(null),
            why);
    RunState timed = next.after(stopwatch.lap());
    complete(timed, metrics);
    monitor.note("round %d changes nothing: %s".formatted(next.round(), why.getMessage()));
    if (why.isHopeless() || timed.poisonedInARow() >= MOST_POISONED) {
      throw new PoisonedRunException(timed.poisonedInARow(), why);
    }
    return timed;
  }

  private RunState advance(RunState state) throws IOException {
    int round = state.round() + 1;
    Stopwatch stopwatch = new Stopwatch();

    RoundSampling.Sampled sampled = sampling.sample(state.aegis(), round, actor.player(round));
    RolloutResult played = sampled.played();
    List<Trajectory> trajectories = played.trajectories();
    double rolloutSeconds = stopwatch.lap();

    Evolution evolution = evolve(state.aegis(), round, sampled, model(state.round()));
    double aegisSeconds = stopwatch.lap();

    buffer.insert(trajectories);
    RunState next =
        state.advanced(
            evolution.state(),
            trajectories.size() + evolution.rehearsed().size(),
            evolution.decisions());
    playAhead(next);
    Optional<LearningMetrics> learning = learn(round);
    double trainSeconds = stopwatch.lap();

    Optional<SuccessRate> sealed = curvePoint(next);
    double evaluationSeconds = stopwatch.lap();
    RoundMetrics metrics =
        new RoundMetrics(
            round,
            next.shipped(),
            rollouts.hash(state.aegis().incumbent()),
            candidate(evolution, state.aegis()).orElse(null),
            RolloutMetrics.of(trajectories, inForce(state.aegis()), sampled.furtherTasks(config)),
            gateSuccess(evolution, state.aegis()).orElse(null),
            sealed.orElse(null),
            BufferMetrics.of(round, config.lag(), buffer.contents()),
            learning.orElse(null),
            FailureMetrics.of(played),
            RoundTimes.of(
                rolloutSeconds,
                config.lag().exists() ? (Double) sampled.overlappedSeconds() : null,
                aegisSeconds,
                trainSeconds,
                learning.map(LearningMetrics::seconds).orElse(0.0),
                evaluationSeconds,
                trajectories.stream().mapToLong(Trajectory::responseTokens).sum(),
                learning.map(LearningMetrics::tokens).orElse(0L)),
            null);
    RunState timed =
        next.after(
            rolloutSeconds + aegisSeconds + trainSeconds + evaluationSeconds + stopwatch.lap());
    complete(timed, metrics);
    monitor.note(RoundSentence.of(metrics, evolution.decisions()));
    return timed;
  }

  /** With a lag, the next round is played from here on, unless a person is to speak before it. */
  private void playAhead(RunState next) {
    if (!config.lag().exists()) {
      return;
    }
    actor.receive(next.round(), buffer.contents());
    boolean stops =
        next.aegis().waiting() != null && config.aegis().whenWaiting() != WhenWaiting.GO_ON;
    if (!stops && !config.endsAfter(next.round(), next.episodes())) {
      int round = next.round() + 1;
      sampling.begin(next.aegis(), round, actor.player(round));
    }
  }

  private void complete(RunState state, RoundMetrics metrics) throws IOException {
    saving.begin(
        "round " + state.round(),
        state.progress(config),
        () -> {
          folder.save(state, metrics, actor::save);
          signer.sign();
          events.update();
        });
  }

  /** What became of the harness in a round, and the gate episodes it took. */
  private record Evolution(
      AegisState state, List<Decision> decisions, List<Trajectory> rehearsed) {}

  private Evolution evolve(
      AegisState before, int round, RoundSampling.Sampled sampled, ModelProvider model) {
    if (!config.mode().evolvesHarness()) {
      return new Evolution(before, List.of(), List.of());
    }
    RecordedRehearsal rehearsal = new RecordedRehearsal(round, rollouts.rehearsal(round, model));
    AegisResult result =
        aegis.evolve(
            before,
            new RoundEvidence(
                round,
                sampled.plan(),
                record.traces().trained(round),
                sampled.played().failures(),
                RandomStreams.derive(config.seed(), "aegis", round)),
            rehearsal);
    return new Evolution(result.next(), result.decisions(), rehearsal.played);
  }

  /** Gate episodes are stored as they are played. */
  private final class RecordedRehearsal implements Rehearsal {
    private final int round;
    private final Rehearsal gate;
    private final List<Trajectory> played = new ArrayList<>();
    private int rehearsals;

    RecordedRehearsal(int round, Rehearsal gate) {
      this.round = round;
      this.gate = gate;
    }

    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      RolloutResult result = gate.run(harness, tasks, attempt);
      rehearsals++;
      record.write(SegmentName.of(round, Phase.GATE, rehearsals), result);
      played.addAll(result.trajectories());
      return result;
    }

    @Override
    public String category(int task) {
      return gate.category(task);
    }
  }

  private Optional<LearningMetrics> learn(int round) {
    if (!config.mode().trainsModel()) {
      return Optional.empty();
    }
    List<Trajectory> held = buffer.contents();
    long turns = held.stream().mapToLong(one -> one.episode().turns().size()).sum();
    try (Monitor.Task task = monitor.begin("round %d training".formatted(round), turns, "turns")) {
      return actor.learn(round, held, task::advance);
    }
  }

  /** The harness that the gate tested last. */
  private Optional<String> candidate(Evolution evolution, AegisState before) {
    return evolution.rehearsed().reversed().stream()
        .filter(inForce(before).negate())
        .map(Trajectory::harnessHash)
        .findFirst();
  }

  /** Whether an episode ran under the harness that serves its task. */
  private Predicate<Trajectory> inForce(AegisState harnesses) {
    Map<HarnessConfig, String> hashes = new HashMap<>();
    HarnessPool pool = harnesses.pool().harnesses();
    return one ->
        one.harnessHash()
            .equals(hashes.computeIfAbsent(pool.serving(one.task().category()), rollouts::hash));
  }

  private Optional<SuccessRate> gateSuccess(Evolution evolution, AegisState before) {
    List<Trajectory> incumbent = evolution.rehearsed().stream().filter(inForce(before)).toList();
    return incumbent.isEmpty() ? Optional.empty() : Optional.of(SuccessRate.of(incumbent));
  }

  /** The sealed split now and then, and in full after the last round. Nothing depends on it. */
  private Optional<SuccessRate> curvePoint(RunState state) {
    int round = state.round();
    boolean last = config.endsAfter(round, state.episodes());
    if (!last && round % config.evaluation().every() != 0) {
      return Optional.empty();
    }
    int episodes =
        last ? config.evaluation().sealedEpisodes() : config.evaluation().curveEpisodes();
    try {
      return Optional.of(sealedSuccess(round, state.aegis().pool().harnesses(), episodes));
    } catch (PoisonedRoundException e) {
      if (last) {
        throw new PoisonedRunException(e);
      }
      monitor.note("round %d is not measured: %s".formatted(round, e.getMessage()));
      return Optional.empty();
    }
  }

  private SuccessRate sealedSuccess(int round, HarnessPool pool, int episodes) {
    sampling.await(); // never two phases at once: they share services, and the machine
    RolloutResult played = rollouts.evaluate(round, pool, Split.SEALED, episodes, model(round));
    record.write(SegmentName.of(round, Phase.EVALUATION), played);
    return SuccessRate.of(played.trajectories());
  }

  private ModelProvider model(int round) {
    return actor.provider(round);
  }
}
