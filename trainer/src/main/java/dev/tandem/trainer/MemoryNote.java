package dev.tandem.trainer;

import dev.tandem.trainer.model.plan.Footprint;
import dev.tandem.trainer.model.plan.MemoryPlan;
import dev.tandem.trainer.model.plan.Microbatch;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.Locale;
import java.util.Optional;

/** What a run will take of memory, said before it begins where the model is one to ask it of. */
final class MemoryNote {
  private static final long WORTH_SAYING = 100_000_000;
  private static final int SEQUENCE = 1_000;

  private MemoryNote() {}

  /**
   * @param execution as the recipe adjusts it
   */
  static Optional<String> of(RunConfig config, ModelSpec model, Execution execution) {
    if (model.parameters() < WORTH_SAYING) {
      return Optional.empty();
    }
    Footprint footprint = new Footprint(model, execution, config.model().lora().settings());
    int length = Math.min(SEQUENCE, model.maxPositions());
    MemoryPlan plan =
        config.mode().trainsModel()
            ? training(config, footprint, length)
            : Footprint.frozen(model, execution).sampling(1, length);
    return Optional.of(
        String.format(
            Locale.ROOT,
            "memory: %.1f GB at the peak, as predicted from the model's shape (%s), and while"
                + " sampling %.0f MB more for every sequence of %,d tokens at once; tandem doctor"
                + " --model says it by mode",
            plan.bytes() / 1e9,
            plan.text(1),
            footprint.cache(1, length) / 1e6,
            length));
  }

  private static MemoryPlan training(RunConfig config, Footprint footprint, int length) {
    int microbatch = config.optimiser().microbatchTokens();
    MemoryPlan step =
        footprint.step(
            Microbatch.of(microbatch, Math.max(2, Math.min(length, microbatch))),
            config.grpo().kl().pulls());
    return config.lag().exists() ? footprint.besideSampling(step, 1, length) : step;
  }
}
