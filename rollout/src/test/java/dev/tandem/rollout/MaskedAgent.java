package dev.tandem.rollout;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Answers with one of a request's choices, drawn by the request's seed, and makes up tokens that
 * depend on nothing else; the first answers may be failures.
 */
public final class MaskedAgent implements ModelProvider {
  private static final int STOP = 0;

  private final AtomicInteger failuresLeft;

  public MaskedAgent() {
    this(0);
  }

  public MaskedAgent(int failingBatches) {
    failuresLeft = new AtomicInteger(failingBatches);
  }

  /** Shows the house and lets the model give admissible commands only. */
  public static Harness harness() {
    return Harness.compile(
        HarnessConfig.of(
            ProcessorSpec.of("observation_renderer"), ProcessorSpec.of("admissible_commands")));
  }

  /** One plan for each of the first train tasks of a family. */
  public static List<EpisodePlan> plans(EnvironmentFamily family, int count) {
    Harness harness = harness();
    List<TaskSpec> tasks = family.tasks(Split.TRAIN, count);
    return IntStream.range(0, count)
        .mapToObj(i -> new EpisodePlan("r0001-" + i, 1, tasks.get(i), harness, 1000 + i))
        .toList();
  }

  @Override
  public List<Model.Completion> complete(List<Model.Request> requests) {
    if (failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new Model.ModelException("out of reach", new IllegalStateException());
    }
    return requests.stream().map(MaskedAgent::answer).toList();
  }

  private static Model.Completion answer(Model.Request request) {
    List<String> choices = request.choices();
    int chosen = new SplittableRandom(request.seed()).nextInt(choices.size());
    int[] open = IntStream.range(1, choices.size() + 1).toArray();
    return new Model.Completion(
        choices.get(chosen),
        new TokenTrace(
            new int[] {request.messages().size(), choices.size()},
            new int[] {chosen + 1, STOP},
            new float[] {(float) -Math.log(choices.size()), 0},
            new int[][] {open, {STOP}}));
  }

  @Override
  public String checkpoint() {
    return "masked";
  }
}
