package dev.tandem.trainer;

import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.checkpoint.CheckpointRecord;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.learning.LearningMetrics;
import dev.tandem.trainer.recipe.ProviderSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A model from outside. Of its weights nothing is known, so a checkpoint holds who answered and
 * nothing that could be loaded.
 */
final class OutsideActor implements Actor {
  /** File of a checkpoint, in the place of weights. */
  static final String PROVIDER_FILE = "provider.json";

  private final ModelProvider provider;
  private final ProviderSettings settings;
  private final String identity;
  private final Outfit outfit;

  /**
   * @param settings complete
   * @param identity hash of the provider's name, parameters and code
   */
  OutsideActor(ModelProvider provider, ProviderSettings settings, String identity, Outfit outfit) {
    this.provider = provider;
    this.settings = settings;
    this.identity = identity;
    this.outfit = outfit;
  }

  @Override
  public Outfit outfit() {
    return outfit;
  }

  @Override
  public ModelProvider provider(int round) {
    return provider;
  }

  @Override
  public ModelProvider player(int round) {
    return provider;
  }

  @Override
  public void receive(int round, List<Trajectory> held) {}

  @Override
  public Optional<LearningMetrics> learn(int round, List<Trajectory> held, IntConsumer progress) {
    return Optional.empty();
  }

  @Override
  public void save(Path directory) throws IOException {
    AtomicFiles.write(directory.resolve(PROVIDER_FILE), ResultJson.text(settings) + "\n");
    CheckpointRecord.write(directory, null);
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public void close() {
    provider.close();
  }
}
