package dev.tandem.trainer.learning;

import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.LearningRateSchedule;
import dev.tandem.trainer.model.learn.NonFiniteGradientException;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.recipe.Lag;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * Cross-harness GRPO (HarnessX, section 5): trajectories of a task are compared whatever harness
 * and checkpoint produced them, and each turn is scored under the very prompt it was sampled under.
 * {@link Lessons} says what is learnt from, {@link PolicyStep} what one optimiser step descends.
 */
public final class GrpoTrainer {
  /** The optimiser's state in a checkpoint's folder. */
  public static final String OPTIMISER_FILE = RunFiles.OPTIMISER;

  /** What an importance correction keeps of the buffered trajectories, in the same folder. */
  public static final String BEHAVIOUR_FILE = RunFiles.BEHAVIOUR;

  /**
   * Records of a round on which the distance to the reference is measured when it is not part of
   * the loss.
   */
  private static final int REFERENCE_SAMPLE = 256;

  private final Decoder policy;
  private final ReferencePolicy reference;
  private final Optimiser optimiser;
  private final GrpoSettings grpo;
  private final OptimiserSettings settings;
  private final LearningRateSchedule learningRates;
  private final Kernels kernels;
  private final long seed;
  private final BehaviourScores behaviour;
  private final Overlong overlong;
  private final Lag lag;

  /**
   * @param rounds of the whole run, where a falling learning rate ends
   * @param episodeTokens tokens that an episode may spend, for the penalty of those that come near
   * @param lag of the weights that play behind those that learn
   */
  public GrpoTrainer(
      Decoder policy,
      ReferencePolicy reference,
      Optimiser optimiser,
      GrpoSettings grpo,
      OptimiserSettings settings,
      int rounds,
      long episodeTokens,
      Kernels kernels,
      long seed,
      Lag lag) {
    this.policy = policy;
    this.reference = reference;
    this.optimiser = optimiser;
    this.grpo = grpo;
    this.settings = settings;
    this.learningRates = settings.learningRates(rounds);
    this.kernels = kernels;
    this.seed = seed;
    this.behaviour = new BehaviourScores(grpo.importanceCorrection());
    this.overlong = new Overlong(grpo.overlong(), episodeTokens);
    this.lag = lag;
  }

  /**
   * Takes in a round's trajectories before they are learnt from, where other weights played them
   * than those that learn.
   *
   * @param played the weights that played them
   */
  public void receive(int round, List<Trajectory> buffer, Decoder played) {
    behaviour.receive(round, buffer, played);
  }

  /**
   * Updates the weights from the replay buffer.
   *
   * @param round counted from 1; decides the order of the records and the learning rate
   * @param progress told the number of records that have just been learnt from
   */
  public LearningMetrics learn(int round, List<Trajectory> buffer, IntConsumer progress) {
    behaviour.receive(round, buffer, policy);
    Lessons lessons = Lessons.of(round, lag, buffer, grpo, overlong, behaviour, kernels);
    LearningMetrics.Builder metrics = new LearningMetrics.Builder(lessons, progress);
    if (!lessons.all().isEmpty()) {
      try (Gradients gradients = policy.newGradients()) {
        passes(round, lessons, gradients, metrics);
      }
    }
    return metrics.build(referenceKl(lessons.all(), round));
  }

  private void passes(
      int round, Lessons lessons, Gradients gradients, LearningMetrics.Builder metrics) {
    for (int pass = 0; pass < settings.passes(); pass++) {
      List<List<Lesson>> signal = shuffled(lessons.signal(), "records", round, pass);
      List<List<Lesson>> silent = shuffled(lessons.silent(), "silent records", round, pass);
      for (int step = 0; step < settings.steps(); step++) {
        List<Lesson> batch = share(signal, step);
        batch.addAll(share(silent, step));
        if (!batch.isEmpty() && metrics.goesOn()) {
          step(round, stepsBefore(round, pass) + step, batch, gradients, metrics);
        }
      }
    }
  }

  /** Writes what learning goes on from into a checkpoint's folder, the weights apart. */
  public void save(Path checkpoint) {
    optimiser.save(checkpoint.resolve(OPTIMISER_FILE));
    behaviour.save(checkpoint.resolve(BEHAVIOUR_FILE));
  }

  /** Takes up what was saved, the optimiser apart, which comes restored. */
  public void restore(Path checkpoint) {
    behaviour.restore(checkpoint.resolve(BEHAVIOUR_FILE));
  }

  /** By the plan, not by count: a round without anything to learn leaves the next as it is. */
  private long stepsBefore(int round, int pass) {
    return (round - 1L) * settings.stepsPerRound() + (long) pass * settings.steps();
  }

  /** In random order, whole sequences together. */
  private List<List<Lesson>> shuffled(List<Lesson> lessons, String stream, int round, int pass) {
    List<List<Lesson>> sequences =
        switch (grpo.sequence()) {
          case TURN -> new ArrayList<>(lessons.stream().map(List::of).toList());
          case TRAJECTORY -> {
            Map<Integer, List<Lesson>> turns = new LinkedHashMap<>();
            lessons.forEach(
                lesson ->
                    turns.computeIfAbsent(lesson.trajectory(), _ -> new ArrayList<>()).add(lesson));
            yield new ArrayList<>(turns.values());
          }
        };
    Collections.shuffle(sequences, new Random(RandomStreams.derive(seed, stream, round, pass)));
    return sequences;
  }

  /** What of a pass is a step's. */
  private List<Lesson> share(List<List<Lesson>> sequences, int step) {
    int from = (int) ((long) sequences.size() * step / settings.steps());
    int to = (int) ((long) sequences.size() * (step + 1) / settings.steps());
    List<Lesson> share = new ArrayList<>();
    sequences.subList(from, to).forEach(share::addAll);
    return share;
  }

  /**
   * A step whose gradient is not finite is left out, and said so; one that is far enough from the
   * policy that played is the round's last, and not taken.
   */
  private void step(
      int round,
      long number,
      List<Lesson> batch,
      Gradients gradients,
      LearningMetrics.Builder metrics) {
    PolicyStep step =
        new PolicyStep(policy, reference, grpo, kernels, settings.microbatchTokens(), batch);
    double learningRate = learningRates.at(number);
    LearningMetrics.Step measured =
        metrics.step(new StepMetrics.Plan(round, number, learningRate, grpo.kl().pulls()), batch);
    try {
      step.differentiate(gradients, measured);
      Optional<String> enough = measured.reason(grpo.earlyStop());
      if (enough.isPresent()) {
        measured.stopped(enough.get());
        return;
      }
      measured.taken(optimiser.step(gradients, learningRate, settings.maxGradNorm()));
    } catch (NonFiniteGradientException _) {
      measured.skipped(new FaultyRecords(step, gradients).sentence());
    }
  }

  /**
   * Mean k3 estimate of KL(policy || initial checkpoint) per trained token, on a sample of the
   * round's records.
   */
  private double referenceKl(List<Lesson> lessons, int round) {
    if (lessons.isEmpty()) {
      return 0;
    }
    List<Lesson> sample = new ArrayList<>(lessons);
    Collections.shuffle(sample, new Random(RandomStreams.derive(seed, "reference", round)));
    sample = sample.subList(0, Math.min(sample.size(), REFERENCE_SAMPLE));
    List<TrainRecord> records = sample.stream().map(Lesson::record).toList();
    float[] now = policy.scoreRecords(records);
    float[] before = reference.logProbs(records);
    double sum = 0;
    long trained = 0;
    int token = 0;
    for (Lesson lesson : sample) {
      for (boolean chosen : lesson.mask()) {
        sum += chosen ? ReferencePull.Estimator.K3.value(now[token] - before[token]) : 0;
        trained += chosen ? 1 : 0;
        token++;
      }
    }
    return sum / trained;
  }
}
