package dev.tandem.trainer;

import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.checkpoint.CheckpointRecord;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.learning.LearningMetrics;
import dev.tandem.trainer.learning.ReferencePolicy;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The decoder of this process, and what a mode that trains it needs besides. With a lag, the
 * weights of the round before are there as well, to play while it learns.
 */
final class DecoderActor implements Actor {
  private final RunConfig config;
  private final Policy policy;
  private final Optional<Policy> behind;
  private final FrozenBase base;
  private final Optional<Learner> learner;
  private final Outfit outfit;

  /**
   * @param behind a snapshot that plays the next round's train episodes; empty without a lag
   */
  DecoderActor(
      RunConfig config,
      Policy policy,
      Optional<Policy> behind,
      FrozenBase base,
      Optional<Learner> learner,
      Outfit outfit) {
    this.config = config;
    this.policy = policy;
    this.behind = behind;
    this.base = base;
    this.learner = learner;
    this.outfit = outfit;
  }

  /** Takes up what learning left in a complete round's checkpoint. */
  void resume(Path checkpoint) {
    learner.ifPresent(one -> one.grpo().restore(checkpoint));
  }

  /** The initial checkpoint, frozen. */
  record Reference(ReferencePolicy policy, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /** What moves the weights. */
  record Learner(GrpoTrainer grpo, Reference reference, Optimiser optimiser)
      implements AutoCloseable {
    static Learner of(RunConfig config, Policy policy, Reference reference, Optimiser optimiser) {
      return new Learner(
          new GrpoTrainer(
              policy.decoder(),
              reference.policy(),
              optimiser,
              config.grpo(),
              config.optimiser(),
              config.rounds(),
              config.rollout().budget().tokens(),
              Kernels.scalar(),
              config.seed(),
              config.lag()),
          reference,
          optimiser);
    }

    @Override
    public void close() {
      reference.close();
      optimiser.close();
    }
  }

  @Override
  public Outfit outfit() {
    return outfit;
  }

  @Override
  public ModelProvider provider(int round) {
    return policy.provider(RunFolder.checkpointName(round));
  }

  @Override
  public ModelProvider player(int round) {
    return behind.orElse(policy).provider(RunFolder.checkpointName(config.lag().weights(round)));
  }

  @Override
  public void receive(int round, List<Trajectory> held) {
    behind.ifPresent(
        played -> {
          learner.ifPresent(one -> one.grpo().receive(round, held, played.decoder()));
          played.decoder().follow(policy.decoder());
        });
  }

  @Override
  public Optional<LearningMetrics> learn(int round, List<Trajectory> held, IntConsumer progress) {
    return learner.map(one -> one.grpo().learn(round, held, progress));
  }

  @Override
  public void save(Path directory) throws IOException {
    Optional<CheckpointRecord.Base> elsewhere = base.get();
    if (elsewhere.isEmpty()) {
      policy.save(directory);
    }
    if (policy.decoder().lora().isPresent()) {
      policy.decoder().saveAdapter(directory.resolve(RunFiles.ADAPTER), adapterBase());
    }
    CheckpointRecord.write(directory, elsewhere.orElse(null));
    learner.ifPresent(one -> one.grpo().save(directory));
  }

  /**
   * What the adapter has to be put on by other programs: the recipe's checkpoint, or the
   * warm-started weights.
   */
  private String adapterBase() {
    return config.warmsUp() ? "../../" + RunFolder.checkpointName(0) : config.model().checkpoint();
  }

  @Override
  public String identity() {
    return policy.decoder().weightsSha256();
  }

  @Override
  public void close() {
    learner.ifPresent(Learner::close);
    behind.ifPresent(Policy::close);
    policy.close();
  }
}
