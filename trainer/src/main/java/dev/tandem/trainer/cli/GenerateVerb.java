package dev.tandem.trainer.cli;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.HfCheckpoint;
import dev.tandem.trainer.model.Sample;
import dev.tandem.trainer.model.SampleRequest;
import dev.tandem.trainer.model.TextTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "generate", description = "Continue a text or rows of token ids.")
final class GenerateVerb extends Verb {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder of the model.")
  private Path checkpoint = Path.of("");

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
        names = "--ids",
        required = true,
        paramLabel = "FILE",
        description = "JSON file {\"input_ids\": [[..], ..]} to continue.")
    private @Nullable Path ids;
  }

  @Option(names = "--greedy", description = "Take the likeliest token at each step.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = "Temperature of sampling (default: ${DEFAULT-VALUE}).")
  private double temperature = 1;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Most tokens to add (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens = 64;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Seed of the sampling (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  ExitCode run(Console console) throws IOException {
    boolean asText = input.ids == null;
    @Nullable TextTokenizer tokenizer = asText ? TextTokenizer.load(checkpoint) : null;
    List<int[]> prompts =
        input.ids != null
            ? TokenIds.read(input.ids)
            : List.of(Objects.requireNonNull(tokenizer).encode(String.valueOf(input.prompt)));
    try (Decoder decoder = Decoder.load(checkpoint, device.execution())) {
      List<Sample> samples = decoder.sample(requests(prompts));
      List<int[]> outputs = samples.stream().map(Sample::tokens).toList();
      List<String> texts =
          tokenizer == null ? List.of() : outputs.stream().map(tokenizer::decode).toList();
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("output_ids", outputs);
        if (tokenizer != null) {
          result.put("text", texts.getFirst());
        }
        console.json(result);
      } else if (tokenizer != null) {
        console.print(texts.getFirst());
      } else {
        outputs.forEach(output -> console.print(Arrays.toString(output)));
      }
    }
    return ExitCode.OK;
  }

  private List<SampleRequest> requests(List<int[]> prompts) {
    int[] stopIds =
        HfCheckpoint.open(checkpoint).endOfSequenceIds().stream()
            .mapToInt(Integer::intValue)
            .toArray();
    List<SampleRequest> requests = new ArrayList<>();
    for (int[] prompt : prompts) {
      requests.add(
          new SampleRequest(
              prompt,
              maxNewTokens,
              greedy ? 0 : temperature,
              RandomStreams.derive(seed, "generate", requests.size()),
              stopIds,
              List.of()));
    }
    return requests;
  }
}
