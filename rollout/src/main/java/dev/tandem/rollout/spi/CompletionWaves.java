package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A session in waves: all that was submitted is answered in one batch, in order of the keys. */
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
    List<Model.Completion> completions =
        provider.complete(wave.stream().map(Map.Entry::getValue).toList());
    return IntStream.range(0, wave.size())
        .mapToObj(i -> new Finished(wave.get(i).getKey(), completions.get(i)))
        .toList();
  }

  @Override
  public void close() {
    waiting.clear();
  }
}
