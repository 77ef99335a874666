package dev.tandem.trainer.warmstart;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TrainStep;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Behaviour cloning: cross-entropy on what the assistant says in each lesson, pass by pass at a
 * learning rate that falls linearly to nothing, so that what is learned has settled when the last
 * pass ends.
 *
 * <p>Where the model is to foresee the world, too, the loss of a batch is {@code (sum of -log p of
 * what the assistant says + world_weight x the same of what users and tools say) / (number of the
 * assistant's tokens)}: what it learns besides takes nothing from what it learns to say.
 */
public final class WarmStart {
  /** Part of the first pass over which the learning rate rises. */
  private static final double WARM_UP = 0.2;

  /** Records whose held-out loss is computed at once. */
  private static final int SCORED_AT_ONCE = 256;

  private final WarmStartSettings settings;
  private final long seed;

  public WarmStart(WarmStartSettings settings, long seed) {
    this.settings = settings;
    this.seed = seed;
  }

  /** Told how the warm start gets on. */
  public interface Listener {
    /** Does nothing. */
    Listener NONE =
        new Listener() {
          @Override
          public void measured(Progress progress) {}

          @Override
          public void stepped(Progress progress, double loss) {}

          @Override
          public void passed(Progress progress) {}
        };

    /** The progress has the losses before the first step. */
    void measured(Progress progress);

    /**
     * @param loss of the last step [nats per token of the assistant's]
     */
    void stepped(Progress progress, double loss);

    /** The progress has one held-out loss more. */
    void passed(Progress progress);
  }

  /** Most optimiser steps that there can be over passes of so many lessons. */
  public int mostSteps(int lessons) {
    return (lessons + settings.batch() - 1) / settings.batch() * settings.passes();
  }

  /** Whether no pass is left. */
  public boolean isOver(Progress progress) {
    return progress.pass() >= settings.passes();
  }

  /** Trains the decoder from the beginning. */
  public Progress train(Decoder decoder, Optimiser optimiser, Lessons lessons, Listener listener) {
    return train(decoder, optimiser, lessons, Progress.NONE, listener);
  }

  /**
   * Goes on where an earlier one was left.
   *
   * @param done what the weights and the optimiser have had
   */
  public Progress train(
      Decoder decoder, Optimiser optimiser, Lessons lessons, Progress done, Listener listener) {
    List<Transcript> heldOut = lessons.heldOut();
    Progress progress = done;
    if (progress.before() == null) {
      progress = progress.from(losses(decoder, heldOut));
      listener.measured(progress);
    }
    while (!isOver(progress)) {
      progress = pass(decoder, optimiser, lessons.pass(progress.pass()), progress, listener);
      progress = progress.passed(losses(decoder, heldOut));
      listener.passed(progress);
    }
    return progress;
  }

  private Progress pass(
      Decoder decoder,
      Optimiser optimiser,
      List<Transcript> lessons,
      Progress done,
      Listener listener) {
    List<Transcript> shuffled = new ArrayList<>(lessons);
    Collections.shuffle(
        shuffled, new Random(RandomStreams.derive(seed, "warm-start", done.pass())));
    double steps = (double) shuffled.size() / settings.batch();
    Progress progress = done;
    try (Gradients gradients = decoder.newGradients()) {
      for (int from = done.step() * settings.batch();
          from < shuffled.size();
          from += settings.batch()) {
        List<Transcript> batch =
            shuffled.subList(from, Math.min(shuffled.size(), from + settings.batch()));
        double rate = learningRate(done.pass() + progress.step() / steps, 1 / steps);
        TrainStep taken =
            decoder.trainStep(
                batch.stream().map(one -> record(one, 1, settings.worldWeight())).toList(),
                batch.stream().mapToInt(WarmStart::tokensSaid).sum(),
                optimiser,
                gradients,
                rate,
                settings.maxGradNorm());
        progress = progress.stepped();
        listener.stepped(progress, taken.loss());
      }
    }
    return progress;
  }

  /**
   * Rises over the first fifth of the first pass and falls linearly from there to the end.
   *
   * @param done passes done, with the part that is done of the one under way
   * @param step what one step adds to it
   */
  double learningRate(double done, double step) {
    double rising = Math.min(1, (done + step) / Math.max(step, WARM_UP));
    double falling = Math.min(1, (settings.passes() - done) / (settings.passes() - WARM_UP));
    return settings.learningRate() * Math.min(rising, falling);
  }

  private HeldOut losses(Decoder decoder, List<Transcript> heldOut) {
    return new HeldOut(
        loss(decoder, heldOut, 1, 0),
        settings.worldWeight() > 0 ? loss(decoder, heldOut, 0, 1) : null);
  }

  /** Mean of -log p over the tokens of one kind [nats]; 0 where there are none. */
  private static double loss(
      Decoder decoder, List<Transcript> lessons, double said, double observed) {
    List<TrainRecord> records =
        lessons.stream()
            .filter(one -> count(said > 0 ? one.said() : one.observed()) > 0)
            .map(one -> record(one, said, observed))
            .toList();
    double sum = 0;
    long tokens = 0;
    for (int from = 0; from < records.size(); from += SCORED_AT_ONCE) {
      for (float logProb :
          decoder.scoreRecords(
              records.subList(from, Math.min(records.size(), from + SCORED_AT_ONCE)))) {
        sum -= logProb;
        tokens++;
      }
    }
    return tokens == 0 ? 0 : sum / tokens;
  }

  private static TrainRecord record(Transcript lesson, double said, double observed) {
    double[] weights = new double[lesson.ids().length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = lesson.said()[i] ? said : lesson.observed()[i] ? observed : 0;
    }
    return TrainRecord.weighted(lesson.ids(), weights);
  }

  /** The first token of a text is not predicted. */
  static int tokensSaid(Transcript lesson) {
    return count(lesson.said());
  }

  private static int count(boolean[] marks) {
    int count = 0;
    for (int i = 1; i < marks.length; i++) {
      count += marks[i] ? 1 : 0;
    }
    return count;
  }
}
