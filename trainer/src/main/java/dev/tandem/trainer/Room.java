package dev.tandem.trainer;

import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.recipe.EvaluationSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.Keeping;
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

  /** A weight in a checkpoint, and each of its two moments where it is trained, is a single. */
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
    long ofRounds = (long) config.rounds() * config.mostEpisodesPerRound();
    long episodes =
        (most > 0 ? Math.min(most, ofRounds) : ofRounds)
            + 2L * evaluation.sealedEpisodes()
            + (long) config.rounds() / evaluation.every() * evaluation.curveEpisodes();
    return REST + EPISODE * episodes + model.map(spec -> checkpoints(config, spec)).orElse(0L);
  }

  /** Those of an adapter lean on the recipe's checkpoint, or on the first of their own. */
  private static long checkpoints(RunConfig config, ModelSpec model) {
    Optional<LoraSettings> lora = config.model().lora().settings();
    long learning =
        lora.map(one -> AdapterLayout.of(model, one).parameters()).orElse(model.parameters());
    boolean ownBase = lora.isPresent() && config.model().checkpoint().isEmpty();
    int numbers = config.mode().trainsModel() ? 3 : 1;
    return NUMBER
        * (numbers * learning * Keeping.of(config).most() + (ownBase ? model.parameters() : 0));
  }
}
