package dev.tandem.trainer.policy;

import dev.tandem.harness.Model;
import dev.tandem.harness.TokenTrace;
import dev.tandem.rollout.ModelProvider;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.Sample;
import dev.tandem.trainer.model.SampleRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * The in-process decoder as an agent's model: tokens in, tokens out, with the log-probabilities
 * they were sampled with.
 */
public final class DecoderProvider implements ModelProvider {
  private final Decoder decoder;
  private final ChatFormat format;
  private final Sampling sampling;
  private final String checkpoint;

  public DecoderProvider(Decoder decoder, ChatFormat format, Sampling sampling, String checkpoint) {
    this.decoder = decoder;
    this.format = format;
    this.sampling = sampling;
    this.checkpoint = checkpoint;
  }

  /**
   * @param temperature 0 for greedy
   * @param maxNewTokens most tokens of a response
   */
  public record Sampling(double temperature, int maxNewTokens) {}

  @Override
  public String checkpoint() {
    return checkpoint;
  }

  @Override
  public List<Model.Completion> complete(List<Model.Request> requests) {
    List<SampleRequest> batch = requests.stream().map(this::sampleRequest).toList();
    List<Sample> samples = decoder.sample(batch);
    List<Model.Completion> completions = new ArrayList<>(samples.size());
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      completions.add(
          new Model.Completion(
              format.text(sample.tokens()),
              new TokenTrace(
                  batch.get(i).prompt(), sample.tokens(), sample.logProbs(), sample.allowed())));
    }
    return completions;
  }

  private SampleRequest sampleRequest(Model.Request request) {
    return new SampleRequest(
        format.prompt(request.messages()),
        sampling.maxNewTokens(),
        sampling.temperature(),
        request.seed(),
        format.stopIds(),
        request.choices().stream().map(format::response).toList());
  }
}
