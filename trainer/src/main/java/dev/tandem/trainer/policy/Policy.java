package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.rollout.ModelProvider;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.Execution;
import dev.tandem.trainer.model.ModelSpec;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerException;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A decoder and the way it is spoken to; on disk, a Hugging Face folder. */
public final class Policy implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final List<String> COMPANIONS =
      List.of(
          CONFIG,
          "generation_config.json",
          TextTokenizer.FILE,
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Decoder decoder;
  private final ChatFormat format;
  private final int responseTokens;
  private final SortedMap<String, byte[]> companions;

  private Policy(
      Decoder decoder, ChatFormat format, int responseTokens, Map<String, byte[]> companions) {
    this.decoder = decoder;
    this.format = format;
    this.responseTokens = responseTokens;
    this.companions = new TreeMap<>(companions);
  }

  /**
   * Loads a Hugging Face folder; the files beside the weights are kept for saving.
   *
   * @throws TokenizerException if the tokenizer does not fit the model or the chat format
   */
  public static Policy load(Path folder, int responseTokens, Execution execution)
      throws IOException {
    ModelSpec spec = ModelSpec.read(folder.resolve(CONFIG));
    TextTokenizer tokenizer = TextTokenizer.load(folder);
    if (tokenizer.vocabularySize() > spec.vocabularySize()) {
      throw new TokenizerException(
          "%s has %d tokens and the model's vocabulary only %d: use the tokenizer the model was trained with"
              .formatted(
                  folder.resolve(TextTokenizer.FILE),
                  tokenizer.vocabularySize(),
                  spec.vocabularySize()));
    }
    ChatFormat format = new ChatFormat(tokenizer);
    SortedMap<String, byte[]> companions = new TreeMap<>();
    for (String name : COMPANIONS) {
      if (Files.exists(folder.resolve(name))) {
        companions.put(name, Files.readAllBytes(folder.resolve(name)));
      }
    }
    return new Policy(Decoder.load(folder, execution), format, responseTokens, companions);
  }

  /** A fresh decoder with a word-level vocabulary of the chat format's tokens and these words. */
  public static Policy fresh(
      Shape shape, List<String> words, int responseTokens, long seed, Execution execution) {
    WordLevelTokenizer tokenizer = WordLevelTokenizer.of(ChatFormat.SPECIAL_TOKENS, words);
    ModelSpec spec = shape.withVocabulary(tokenizer.vocabularySize());
    ChatFormat format = new ChatFormat(tokenizer);
    return new Policy(
        Decoder.initialise(spec, seed, execution),
        format,
        responseTokens,
        freshCompanions(spec, tokenizer, format));
  }

  /** A model's shape but for its vocabulary. */
  @FunctionalInterface
  public interface Shape {
    ModelSpec withVocabulary(int size);
  }

  private static Map<String, byte[]> freshCompanions(
      ModelSpec spec, WordLevelTokenizer tokenizer, ChatFormat format) {
    int end = format.stopIds()[0];
    ObjectNode config = spec.toJson();
    config.put("eos_token_id", end).put("pad_token_id", 0).putNull("bos_token_id");
    ObjectNode generation = JSON.createObjectNode();
    generation.put("eos_token_id", end).put("pad_token_id", 0).put("do_sample", true);
    ObjectNode tokenizerConfig = JSON.createObjectNode();
    tokenizerConfig
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("model_max_length", spec.maxPositions())
        .put("clean_up_tokenization_spaces", false)
        .put("pad_token", WordLevelTokenizer.PAD)
        .put("unk_token", WordLevelTokenizer.UNKNOWN)
        .put("eos_token", ChatFormat.END)
        .put("chat_template", ChatFormat.TEMPLATE);
    return Map.of(
        CONFIG,
        utf8(config),
        "generation_config.json",
        utf8(generation),
        "tokenizer_config.json",
        utf8(tokenizerConfig),
        TextTokenizer.FILE,
        tokenizer.toJson().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] utf8(ObjectNode node) {
    return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Writes the folder: weights, configuration and tokenizer, each file whole or not at all. */
  public void save(Path folder) throws IOException {
    decoder.saveWeights(folder);
    for (Map.Entry<String, byte[]> file : companions.entrySet()) {
      AtomicFiles.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  /** The same agent with its own copy of the weights, such as a frozen reference. */
  public Policy copy() {
    return new Policy(decoder.copy(), format, responseTokens, companions);
  }

  public Decoder decoder() {
    return decoder;
  }

  public ChatFormat format() {
    return format;
  }

  /**
   * The model as agents know it, sampling from its own distribution, under a name for the
   * trajectories.
   */
  public ModelProvider provider(String checkpoint) {
    return provider(checkpoint, 1);
  }

  /** The same at another temperature; 0 takes the likeliest token. */
  public ModelProvider provider(String checkpoint, double temperature) {
    return new DecoderProvider(
        decoder, format, new DecoderProvider.Sampling(temperature, responseTokens), checkpoint);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
