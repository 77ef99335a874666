package dev.tandem.trainer.policy;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.trainer.model.sampling.SamplingSession;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The decoder's running batch, in messages instead of tokens. */
final class DecoderSession implements CompletionSession {
  private final DecoderProvider provider;
  private final SamplingSession session;
  private final Map<Long, DecoderProvider.Question> waiting = new HashMap<>();
  private final List<Finished> refused = new ArrayList<>();

  DecoderSession(DecoderProvider provider, SamplingSession session) {
    this.provider = provider;
    this.session = session;
  }

  @Override
  public void submit(long key, Model.Request request) {
    DecoderProvider.Question question = provider.question(request);
    if (provider.fits(question)) {
      session.submit(key, question.request());
      waiting.put(key, question);
    } else {
      refused.add(new Finished(key, Model.Answer.of(Model.Completion.contextOverflow())));
    }
  }

  @Override
  public List<Finished> advance() {
    List<Finished> finished = new ArrayList<>(refused);
    refused.clear();
    for (SamplingSession.Finished one : session.advance()) {
      DecoderProvider.Question question = Objects.requireNonNull(waiting.remove(one.key()));
      finished.add(
          new Finished(one.key(), Model.Answer.of(provider.completion(question, one.sample()))));
    }
    finished.sort(Comparator.comparingLong(Finished::key));
    return finished;
  }

  @Override
  public void close() {
    session.close();
  }
}
