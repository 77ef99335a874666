package dev.tandem.trainer.cli;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingRule;
import dev.tandem.trainer.model.sampling.StopRule;
import dev.tandem.trainer.policy.ChatTemplate;
import dev.tandem.trainer.policy.TemplateFormat;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    description = "Continue a text or rows of token ids, or answer in a conversation.")
final class GenerateVerb extends Verb {
  @Mixin private ModelOptions model = new ModelOptions();

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Input input = new Input();

  /** What to continue. */
  static final class Input {
    @Option(
        names = "--prompt",
        required = true,
        paramLabel = "TEXT",
        description = "Text to continue, special tokens written out.")
    private @Nullable String prompt;

    @Option(
        names = "--messages",
        required = true,
        paramLabel = "FILE",
        description =
            "JSON file of messages to answer: [{\"role\": .., \"content\": ..}, ..], or an object"
                + " with \"messages\" and, for the chat template, \"tools\" and others.")
    private @Nullable Path messages;

    @Option(
        names = "--ids",
        required = true,
        paramLabel = "FILE",
        description = "JSON file {\"input_ids\": [[..], ..]} to continue.")
    private @Nullable Path ids;
  }

  @Option(
      names = "--chat",
      description = "Take --prompt as a user's message and put it through the chat template.")
  private boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "With --chat: the system message before it.")
  private @Nullable String system;

  @Option(names = "--greedy", description = "Take the likeliest token at each step.")
  private boolean greedy;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Most tokens to add (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens = 64;

  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private FilterOptions filters = new FilterOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    if (chat && input.prompt == null) {
      throw UserException.usage("--chat needs --prompt; --messages is a conversation already");
    }
    if (system != null && !chat) {
      throw UserException.usage("--system needs --chat, which makes --prompt a user's message");
    }
    Numbers.atLeast("--max-new-tokens", maxNewTokens, 1);
    SamplingRule rule = filters.sampling(sampling.temperature(greedy));
    List<int[]> rows = input.ids == null ? List.of() : TokenIds.read(input.ids);
    Optional<Conversation> conversation = conversation();
    HfCheckpoint opened = model.open(console);
    Sampler sampler = new Sampler(opened, rule);
    if (input.ids != null && !filters.stopsAtTexts()) {
      return continueRows(console, rows, sampler, StopRule.at(ends(opened)));
    }
    try (TextTokenizer tokenizer = opened.loadTokenizer()) {
      if (input.ids != null) {
        return continueRows(console, rows, sampler, stopRule(ends(opened), tokenizer));
      }
      return conversation.isPresent()
          ? answer(console, tokenizer, sampler, conversation.get())
          : continueText(console, tokenizer, sampler);
    }
  }

  private Optional<Conversation> conversation() throws IOException {
    if (input.messages != null) {
      return Optional.of(Conversation.read(input.messages));
    }
    return chat
        ? Optional.of(Conversation.of(system, Objects.requireNonNull(input.prompt)))
        : Optional.empty();
  }

  private ExitCode continueRows(Console console, List<int[]> rows, Sampler sampler, StopRule stop) {
    List<int[]> outputs = sampler.sample(rows, stop);
    if (json.wanted()) {
      console.json(Map.of("output_ids", outputs));
    } else {
      outputs.forEach(output -> console.print(Arrays.toString(output)));
    }
    return ExitCode.OK;
  }

  private ExitCode continueText(Console console, TextTokenizer tokenizer, Sampler sampler) {
    int[] prompt = tokenizer.encode(Objects.requireNonNull(input.prompt));
    int[] output =
        sampler.sample(List.of(prompt), stopRule(ends(sampler.checkpoint()), tokenizer)).getFirst();
    return show(console, output, tokenizer.text(output));
  }

  private ExitCode answer(
      Console console, TextTokenizer tokenizer, Sampler sampler, Conversation conversation) {
    TokenizerConfig config = TokenizerConfig.read(sampler.checkpoint().directory());
    TemplateFormat format =
        new TemplateFormat(
            config,
            new ChatTemplate(config, LocalDateTime.now(ZoneId.systemDefault())),
            tokenizer,
            conversation.variables(),
            sampler.checkpoint().endOfSequenceIds());
    int[] prompt = format.prompt(conversation.messages());
    int[] output =
        sampler.sample(List.of(prompt), stopRule(format.stopIds(), tokenizer)).getFirst();
    return show(console, output, format.text(output));
  }

  private ExitCode show(Console console, int[] output, String text) {
    if (json.wanted()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("output_ids", List.of(output));
      result.put("text", text);
      console.json(result);
    } else {
      console.print(text);
    }
    return ExitCode.OK;
  }

  private static int[] ends(HfCheckpoint checkpoint) {
    return checkpoint.endOfSequenceIds().stream().mapToInt(Integer::intValue).toArray();
  }

  private StopRule stopRule(int[] ids, TextTokenizer tokenizer) {
    return filters.stopRule(ids, tokenizer::text);
  }

  /** Continues prompts as the options say. */
  private final class Sampler {
    private final HfCheckpoint checkpoint;
    private final SamplingRule rule;

    Sampler(HfCheckpoint checkpoint, SamplingRule rule) {
      this.checkpoint = checkpoint;
      this.rule = rule;
    }

    HfCheckpoint checkpoint() {
      return checkpoint;
    }

    List<int[]> sample(List<int[]> prompts, StopRule stop) {
      return model.with(
          checkpoint,
          decoder -> {
            List<SampleRequest> requests = new ArrayList<>();
            for (int[] prompt : prompts) {
              requests.add(
                  new SampleRequest(
                      prompt,
                      maxNewTokens,
                      rule,
                      RandomStreams.derive(sampling.seed(), "generate", requests.size()),
                      stop,
                      List.of()));
            }
            return decoder.sample(requests).stream().map(Sample::tokens).toList();
          });
    }
  }
}
