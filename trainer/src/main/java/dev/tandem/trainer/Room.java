package dev.tandem.trainer;

import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.recipe.EvaluationSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.RunFolder;
import java.util.Optional;

/** How much disk a run takes, so that it is refused before it begins and not in its middle. */
final class Room {
  /**
   * Of an episode for training. One of House takes under 2,000 bytes with its row in the index;
   * there are those of the gate besides, at most about as many, and longer worlds.
   */
  private static final long EPISODE = 8_000;

  /** Metrics, ledger, report, and what a service writes. */
  private static final long REST = 16L << 20;

  /** A weight and its two moments in a checkpoint are singles. */
  private static final long NUMBER = Float.BYTES;

  private Room() {}

  /**
   * Bytes that a whole run takes.
   *
   * @param model what it trains; empty for one that answers from outside
   */
  static long of(RunConfig config, Optional<ModelSpec> model) {
    EvaluationSettings evaluation = config.evaluation();
    long most = config.rollout().maxEpisodes();
    long ofRounds = (long) config.rounds() * config.rollout().episodes();
    long episodes =
        (most > 0 ? Math.min(most, ofRounds) : ofRounds)
            + 2L * evaluation.sealedEpisodes()
            + (long) config.rounds() / evaluation.every() * evaluation.curveEpisodes();
    return REST
        + EPISODE * episodes
        + RunFolder.MOST_CHECKPOINTS * model.map(spec -> checkpoint(config, spec)).orElse(0L);
  }

  private static long checkpoint(RunConfig config, ModelSpec model) {
    long weights = model.parameters();
    long learning =
        config
            .model()
            .lora()
            .settings()
            .map(lora -> AdapterLayout.of(model, lora).parameters())
            .orElse(weights);
    return NUMBER * (weights + 3 * learning);
  }
}
