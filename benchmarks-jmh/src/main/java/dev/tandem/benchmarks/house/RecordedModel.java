package dev.tandem.benchmarks.house;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that keeps its answers, and then gives them again at no cost. An answer belongs to its
 * request's seed, which no two requests of a batch of episodes share.
 */
final class RecordedModel implements ModelProvider {
  private final ModelProvider model;
  private final Map<Long, Model.Completion> answers = new HashMap<>();

  RecordedModel(ModelProvider model) {
    this.model = model;
  }

  @Override
  public String checkpoint() {
    return model.checkpoint();
  }

  @Override
  public List<Model.Answer> complete(List<Model.Request> requests) {
    List<Model.Answer> given = model.complete(requests);
    for (int i = 0; i < given.size(); i++) {
      Model.Completion earlier = answers.put(requests.get(i).seed(), given.get(i).orThrow());
      Check.that(earlier == null, "two requests have the seed %d", requests.get(i).seed());
    }
    return given;
  }

  /** The answers so far, given to whoever asks the same again. */
  ModelProvider replay() {
    Map<Long, Model.Completion> recorded = Map.copyOf(answers);
    String checkpoint = model.checkpoint();
    return new ModelProvider() {
      @Override
      public String checkpoint() {
        return checkpoint;
      }

      @Override
      public List<Model.Answer> complete(List<Model.Request> requests) {
        return requests.stream()
            .map(request -> Model.Answer.of(answer(recorded, request)))
            .toList();
      }
    };
  }

  private static Model.Completion answer(
      Map<Long, Model.Completion> recorded, Model.Request request) {
    Model.Completion answer = recorded.get(request.seed());
    if (answer == null) {
      throw new Model.ModelException(
          "an episode asks what it did not ask when it was recorded",
          new IllegalStateException("no answer for seed " + request.seed()));
    }
    return answer;
  }
}
