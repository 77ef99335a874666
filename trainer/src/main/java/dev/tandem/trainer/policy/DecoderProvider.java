package dev.tandem.trainer.policy;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingLimits;
import java.util.Iterator;
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
  private final SamplingLimits limits;

  public DecoderProvider(Decoder decoder, ChatFormat format, Sampling sampling, String checkpoint) {
    this(decoder, format, sampling, checkpoint, decoder.samplingLimits());
  }

  /** With limits of its own for its sessions. */
  public DecoderProvider(
      Decoder decoder,
      ChatFormat format,
      Sampling sampling,
      String checkpoint,
      SamplingLimits limits) {
    this.decoder = decoder;
    this.format = format;
    this.sampling = sampling;
    this.checkpoint = checkpoint;
    this.limits = limits;
  }

  /**
   * @param temperature 0 for greedy
   * @param maxNewTokens most tokens of a free response; choices may be longer
   */
  public record Sampling(double temperature, int maxNewTokens) {}

  @Override
  public String checkpoint() {
    return checkpoint;
  }

  @Override
  public CompletionSession session(int concurrency) {
    return new DecoderSession(this, decoder.samplingSession(concurrency, limits));
  }

  @Override
  public List<Model.Answer> complete(List<Model.Request> requests) {
    List<Question> questions = requests.stream().map(this::question).toList();
    List<SampleRequest> fitting =
        questions.stream().filter(this::fits).map(Question::request).toList();
    Iterator<Sample> samples = decoder.sample(fitting).iterator();
    return questions.stream()
        .map(
            question ->
                Model.Answer.of(
                    fits(question)
                        ? completion(question, samples.next())
                        : Model.Completion.contextOverflow()))
        .toList();
  }

  /**
   * A request in tokens.
   *
   * @param tools whether the response may use tools
   */
  record Question(SampleRequest request, boolean tools) {}

  boolean fits(Question question) {
    SampleRequest request = question.request();
    return request.prompt().length + request.maxNewTokens() <= decoder.spec().maxPositions();
  }

  Model.Completion completion(Question question, Sample sample) {
    String text = format.text(sample.tokens());
    ToolCallText.Response response =
        question.tools() ? ToolCallText.parse(text) : new ToolCallText.Response(text, List.of());
    TokenTrace tokens =
        new TokenTrace(
            question.request().prompt(), sample.tokens(), sample.logProbs(), sample.allowed());
    return new Model.Completion(
        response.content(),
        response.toolUses(),
        tokens,
        Model.Usage.of(tokens),
        sample.end() == Sample.End.LENGTH ? Model.Finish.LENGTH : Model.Finish.STOP);
  }

  Question question(Model.Request request) {
    return new Question(sampleRequest(request), !request.tools().isEmpty());
  }

  private SampleRequest sampleRequest(Model.Request request) {
    List<int[]> choices = request.choices().stream().map(format::response).toList();
    int longest = choices.stream().mapToInt(choice -> choice.length).max().orElse(0);
    return new SampleRequest(
        format.prompt(request.messages(), request.tools()),
        Math.max(sampling.maxNewTokens(), longest),
        sampling.temperature(),
        request.seed(),
        format.stopIds(),
        choices);
  }
}
