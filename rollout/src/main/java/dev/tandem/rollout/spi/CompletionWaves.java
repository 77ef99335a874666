package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A session in waves: all that was submitted is answered in one batch, in order of the keys. What
 * the provider gets wrong fails the requests of its batch and nothing else.
 */
final class CompletionWaves implements CompletionSession {
  private final ModelProvider provider;
  private final TreeMap<Long, Model.Request> waiting = new TreeMap<>();

  CompletionWaves(ModelProvider provider) {
    this.provider = provider;
  }

  @Override
  public void submit(long key, Model.Request request) {
    waiting.put(key, request);
  }

  @Override
  public List<Finished> advance() {
    List<Map.Entry<Long, Model.Request>> wave = List.copyOf(waiting.entrySet());
    waiting.clear();
    if (wave.isEmpty()) {
      return List.of();
    }
    List<? extends Model.@Nullable Answer> answers =
        provider.complete(wave.stream().map(Map.Entry::getValue).toList());
    int given = answers == null ? 0 : answers.size();
    return IntStream.range(0, wave.size())
        .mapToObj(
            i ->
                new Finished(
                    wave.get(i).getKey(),
                    given == wave.size()
                        ? Objects.requireNonNullElseGet(
                            answers.get(i), () -> failed("the provider left a request unanswered"))
                        : failed(
                            "the provider gave %d answers to %d requests"
                                .formatted(given, wave.size()))))
        .toList();
  }

  private static Model.Answer failed(String sentence) {
    return new Model.Answer.Failed(
        new Model.ModelException(
            Model.FailureKind.INVALID_RESPONSE, sentence, new IllegalStateException(sentence)));
  }

  @Override
  public void close() {
    waiting.clear();
  }
}
