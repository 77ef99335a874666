package dev.tandem.trainer.warmstart;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TrainStep;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Behaviour cloning: cross-entropy on what the expert would have answered to each prompt, pass by
 * pass at a learning rate that falls linearly to nothing, so that what is learned has settled when
 * the last pass ends.
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
          public void stepped(Progress progress, double loss) {}

          @Override
          public void passed(Progress progress) {}
        };

    /**
     * @param loss of the last step [nats per response token]
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
    List<TrainRecord> heldOut = lessons.heldOut();
    Progress progress = done;
    while (!isOver(progress)) {
      progress = pass(decoder, optimiser, lessons.pass(progress.pass()), progress, listener);
      progress = progress.passed(loss(decoder, heldOut));
      listener.passed(progress);
    }
    return progress;
  }

  private Progress pass(
      Decoder decoder,
      Optimiser optimiser,
      List<TrainRecord> lessons,
      Progress done,
      Listener listener) {
    List<TrainRecord> shuffled = new ArrayList<>(lessons);
    Collections.shuffle(
        shuffled, new Random(RandomStreams.derive(seed, "warm-start", done.pass())));
    double steps = (double) shuffled.size() / settings.batch();
    Progress progress = done;
    for (int from = done.step() * settings.batch();
        from < shuffled.size();
        from += settings.batch()) {
      List<TrainRecord> batch =
          shuffled.subList(from, Math.min(shuffled.size(), from + settings.batch()));
      double rate = learningRate(done.pass() + progress.step() / steps, 1 / steps);
      TrainStep taken = decoder.trainStep(batch, optimiser, rate, settings.maxGradNorm());
      progress = progress.stepped();
      listener.stepped(progress, taken.loss());
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

  /** Mean of -log p over the records' response tokens [nats]. */
  private static double loss(Decoder decoder, List<TrainRecord> records) {
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
}
