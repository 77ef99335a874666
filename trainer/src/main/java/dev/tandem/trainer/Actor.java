package dev.tandem.trainer;

import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.learning.LearningMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** The model of a run: the decoder that it trains, or one from outside that only answers. */
interface Actor extends AutoCloseable {
  /** What the run's harnesses are made of under this model. */
  Outfit outfit();

  /** The model with the weights after the last round. */
  ModelProvider provider(int round);

  /** The model with the weights that play a round's train episodes. */
  ModelProvider player(int round);

  /**
   * Takes in what a round has played, before it is learnt from. From then on the next round may be
   * played beside the learning, where the recipe has a lag.
   *
   * @param held what the replay buffer holds by then
   */
  void receive(int round, List<Trajectory> held);

  /** Learns from trajectories; empty where there is nothing that could. */
  Optional<LearningMetrics> learn(int round, List<Trajectory> held, IntConsumer progress);

  /** Writes a checkpoint's part that is the model's. */
  void save(Path directory) throws IOException;

  /** Hash of the weights, or of what stands for them. */
  String identity();

  @Override
  void close();
}
