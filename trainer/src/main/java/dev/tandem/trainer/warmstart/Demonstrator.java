package dev.tandem.trainer.warmstart;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.spi.Expert;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * An environment with an expert looking on, and the expert in the model's place. Now and then
 * something else is carried out than what the expert says, so that it has mishaps to recover from.
 */
public final class Demonstrator implements World, Model {
  private final World world;
  private final Expert expert;
  private final double noise;
  private final SplittableRandom random;
  private final List<Lesson> lessons = new ArrayList<>();
  private List<String> admissible = List.of();

  /**
   * @param request what the model is asked
   * @param move what the expert would answer
   */
  public record Lesson(Request request, Expert.Move move) {
    List<Message> messages() {
      return request.messages();
    }

    /** What may be used in answering. */
    List<ToolSpec> tools() {
      return request.tools();
    }
  }

  /**
   * @param noise share of the steps at which anything admissible is carried out
   */
  public Demonstrator(World world, Expert expert, double noise, SplittableRandom random) {
    this.world = world;
    this.expert = expert;
    this.noise = noise;
    this.random = random;
  }

  @Override
  public Observation reset() {
    return seen(world.reset());
  }

  @Override
  public Observation act(String command) {
    return seen(world.act(command));
  }

  @Override
  public List<ToolSpec> tools() {
    return world.tools();
  }

  @Override
  public Observation use(ToolUse use) {
    return seen(world.use(use));
  }

  private Observation seen(Observation observation) {
    expert.observe(observation);
    admissible = observation.commands();
    return observation;
  }

  @Override
  public boolean isFinished() {
    return world.isFinished();
  }

  @Override
  public Optional<String> stateHash() {
    return world.stateHash();
  }

  @Override
  public Completion complete(Request request) {
    Expert.Move move = expert.act();
    lessons.add(new Lesson(request, move));
    Expert.Move carriedOut =
        !admissible.isEmpty() && random.nextDouble() < noise
            ? Expert.Move.say(admissible.get(random.nextInt(admissible.size())))
            : move;
    return new Completion(
        carriedOut.text(),
        carriedOut.toolUses(),
        TokenTrace.NONE,
        Usage.of(TokenTrace.NONE),
        Finish.STOP);
  }

  /** What was asked so far and what the expert said to it. */
  public List<Lesson> lessons() {
    return List.copyOf(lessons);
  }
}
