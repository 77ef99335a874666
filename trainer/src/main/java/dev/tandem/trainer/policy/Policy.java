package dev.tandem.trainer.policy;

import dev.tandem.rollout.ModelProvider;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.Execution;
import dev.tandem.trainer.model.HfCheckpoint;
import dev.tandem.trainer.model.LoraSettings;
import dev.tandem.trainer.model.ModelSpec;
import dev.tandem.trainer.model.TextTokenizer;
import dev.tandem.trainer.model.WordLevelTokenizer;
import java.nio.file.Path;
import java.util.List;

/** A decoder and the way it is spoken to; on disk, a Hugging Face folder. */
public final class Policy implements AutoCloseable {
  private final Decoder decoder;
  private final TextTokenizer tokenizer;
  private final ChatFormat format;
  private final int responseTokens;
  private final Saver saver;

  private Policy(Decoder decoder, TextTokenizer tokenizer, int responseTokens, Saver saver) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.format = new ChatFormat(tokenizer);
    this.responseTokens = responseTokens;
    this.saver = saver;
  }

  /** Writes a decoder with everything that belongs to it. */
  @FunctionalInterface
  private interface Saver {
    void save(Decoder decoder, Path folder);
  }

  /** A model's shape but for its vocabulary. */
  @FunctionalInterface
  public interface Shape {
    ModelSpec withVocabulary(int size);
  }

  /**
   * Loads a Hugging Face folder.
   *
   * @throws dev.tandem.trainer.model.CheckpointException if a file is missing, damaged or does not
   *     fit the others
   * @throws dev.tandem.trainer.model.DecoderInputException if the tokenizer lacks a token of the
   *     chat format
   */
  public static Policy load(Path folder, int responseTokens, Execution execution) {
    return load(folder, folder, responseTokens, execution);
  }

  /**
   * Loads weights whose other files stand, now and whenever they are saved, in the folder they
   * began from.
   */
  public static Policy load(Path weights, Path base, int responseTokens, Execution execution) {
    HfCheckpoint checkpoint = HfCheckpoint.open(base);
    return new Policy(
        Decoder.load(weights, execution),
        checkpoint.loadTokenizer(),
        responseTokens,
        checkpoint::export);
  }

  /** A fresh decoder with a word-level vocabulary of the chat format's tokens and these words. */
  public static Policy fresh(
      Shape shape, List<String> words, int responseTokens, long seed, Execution execution) {
    byte[] json = WordLevelTokenizer.json(ChatFormat.SPECIAL_TOKENS, words);
    TextTokenizer tokenizer = WordLevelTokenizer.of(ChatFormat.SPECIAL_TOKENS, words);
    HfCheckpoint.Companions companions =
        new HfCheckpoint.Companions(
            json, ChatFormat.TEMPLATE, ChatFormat.END, WordLevelTokenizer.PAD);
    return new Policy(
        Decoder.initialise(shape.withVocabulary(tokenizer.vocabularySize()), seed, execution),
        tokenizer,
        responseTokens,
        (decoder, folder) -> HfCheckpoint.create(folder, decoder, companions));
  }

  /** The same agent with its own copy of the weights, such as a frozen reference. */
  public Policy copy() {
    return new Policy(decoder.copy(), tokenizer, responseTokens, saver);
  }

  /** The same agent with a fresh adapter, in its own memory; only the adapter learns. */
  public Policy withAdapter(LoraSettings lora, long seed) {
    return new Policy(decoder.withAdapter(lora, seed), tokenizer, responseTokens, saver);
  }

  /** The same agent with an adapter from a folder in PEFT's layout, in its own memory. */
  public Policy withAdapter(Path folder) {
    return new Policy(decoder.withAdapter(folder), tokenizer, responseTokens, saver);
  }

  /** Writes the folder: weights, configuration and tokenizer, each file whole or not at all. */
  public void save(Path folder) {
    saver.save(decoder, folder);
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
