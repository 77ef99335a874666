package dev.tandem.trainer.warmstart;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.LearningRateSchedule;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TrainStep;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.ChatFormat;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Behaviour cloning: cross-entropy on what the expert would have answered to each prompt. */
public final class WarmStart {
  private static final double WARM_UP_SHARE = 0.05;

  private final WarmStartSettings settings;
  private final long seed;

  public WarmStart(WarmStartSettings settings, long seed) {
    this.settings = settings;
    this.seed = seed;
  }

  /** Told how the warm start gets on. */
  public interface Listener {
    /**
     * @param step optimiser steps done
     * @param steps optimiser steps in all
     * @param loss of the last step, nats per response token
     */
    void stepped(int step, int steps, double loss);
  }

  /**
   * Prompts and expert answers as tokens, in the demonstrations' order; prompts that are too long
   * are left out.
   */
  public List<TrainRecord> lessons(
      EnvironmentFamily family, HarnessConfig harness, Outfit outfit, ChatFormat format) {
    HarnessSampler sampler = new HarnessSampler(harness, outfit, settings.plainShare());
    return new Demonstrations(family, sampler, settings.noise(), seed)
        .collect(settings.episodes()).stream()
            .map(
                lesson ->
                    TrainRecord.unconstrained(
                        format.prompt(lesson.messages(), lesson.tools()),
                        format.response(
                            lesson.move().text(), lesson.move().toolUses(), lesson.tools())))
            .filter(record -> record.prompt().length <= settings.promptTokens())
            .toList();
  }

  /** Optimiser steps over so many lessons. */
  public int steps(int lessons) {
    return (lessons + settings.batch() - 1) / settings.batch() * settings.passes();
  }

  /**
   * Trains the decoder; the learning rate rises over the first steps and falls along a cosine to
   * nothing.
   */
  public void train(
      Decoder decoder, Optimiser optimiser, List<TrainRecord> lessons, Listener listener) {
    train(decoder, optimiser, lessons, 0, listener);
  }

  /**
   * Goes on where an earlier one was left.
   *
   * @param done steps that the weights and the optimiser have had
   */
  public void train(
      Decoder decoder,
      Optimiser optimiser,
      List<TrainRecord> lessons,
      int done,
      Listener listener) {
    int steps = steps(lessons.size());
    LearningRateSchedule learningRates =
        new LearningRateSchedule.Cosine(
            settings.learningRate(), Math.max(1, WARM_UP_SHARE * steps), steps);
    int step = 0;
    for (int pass = 0; pass < settings.passes(); pass++) {
      List<TrainRecord> shuffled = new ArrayList<>(lessons);
      Collections.shuffle(shuffled, new Random(RandomStreams.derive(seed, "warm-start", pass)));
      for (int from = 0; from < shuffled.size(); from += settings.batch()) {
        List<TrainRecord> batch =
            shuffled.subList(from, Math.min(shuffled.size(), from + settings.batch()));
        if (step < done) {
          step++;
          continue;
        }
        TrainStep taken =
            decoder.trainStep(batch, optimiser, learningRates.at(step), settings.maxGradNorm());
        listener.stepped(++step, steps, taken.loss());
      }
    }
  }
}
