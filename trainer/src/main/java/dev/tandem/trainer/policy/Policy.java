package dev.tandem.trainer.policy;

import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** A decoder and the way it is spoken to; on disk, a Hugging Face folder. */
public final class Policy implements AutoCloseable {
  private final Decoder decoder;
  private final ChatFormat format;
  private final int responseTokens;
  private final Saver saver;

  /** Frees the tokenizer; copies share it, so they do nothing. */
  private final Runnable release;

  private Policy(
      Decoder decoder, ChatFormat format, int responseTokens, Saver saver, Runnable release) {
    this.decoder = decoder;
    this.format = format;
    this.responseTokens = responseTokens;
    this.saver = saver;
    this.release = release;
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
   * @throws dev.tandem.trainer.model.file.CheckpointException if a file is missing, damaged or does
   *     not fit the others, or nothing says how to chat with the model
   * @throws dev.tandem.trainer.jinja.JinjaException if its chat template cannot be read
   */
  public static Policy load(Path folder, int responseTokens, Execution execution) {
    HfCheckpoint.open(folder);
    return load(folder, folder, responseTokens, execution);
  }

  /**
   * The same to answer, or to put an adapter on: its weights never change and are held once, in the
   * type that they are computed with.
   */
  public static Policy loadFrozen(Path folder, int responseTokens, Execution execution) {
    HfCheckpoint.open(folder);
    return frozen(folder, responseTokens, execution);
  }

  /** The same of a folder that a run has verified. */
  public static Policy frozen(Path folder, int responseTokens, Execution execution) {
    HfCheckpoint checkpoint = HfCheckpoint.trusted(folder);
    return of(checkpoint, () -> checkpoint.loadFrozen(execution), responseTokens);
  }

  /**
   * Loads weights whose other files stand, now and whenever they are saved, in the folder they
   * began from. Whether they are what was written is not looked at: a run that is taken up has
   * verified both.
   */
  public static Policy load(Path weights, Path base, int responseTokens, Execution execution) {
    HfCheckpoint checkpoint = HfCheckpoint.trusted(base);
    return of(
        checkpoint,
        () ->
            weights.equals(base)
                ? checkpoint.loadDecoder(execution)
                : Decoder.load(weights, execution),
        responseTokens);
  }

  private static Policy of(HfCheckpoint checkpoint, Supplier<Decoder> decoder, int responseTokens) {
    TextTokenizer tokenizer = checkpoint.loadTokenizer();
    ChatFormat format = format(checkpoint, tokenizer);
    return new Policy(decoder.get(), format, responseTokens, checkpoint::export, tokenizer::close);
  }

  /** Our own models' format where the checkpoint is one of ours, else that of its template. */
  private static ChatFormat format(HfCheckpoint checkpoint, TextTokenizer tokenizer) {
    TokenizerConfig config = TokenizerConfig.read(checkpoint.directory());
    String template =
        config.templates().getOrDefault(TokenizerConfig.DEFAULT_TEMPLATE, RoleTokenFormat.TEMPLATE);
    boolean ours =
        template.equals(RoleTokenFormat.TEMPLATE)
            && tokenizer.specialTokens().keySet().containsAll(RoleTokenFormat.SPECIAL_TOKENS);
    return ours
        ? new RoleTokenFormat(tokenizer)
        : TemplateFormat.forAgents(config, tokenizer, checkpoint.endOfSequenceIds());
  }

  /** A fresh decoder with a word-level vocabulary of the chat format's tokens and these words. */
  public static Policy fresh(
      Shape shape, List<String> words, int responseTokens, long seed, Execution execution) {
    return made(shape, words, responseTokens, spec -> Decoder.initialise(spec, seed, execution));
  }

  /** What {@link #fresh} made, with the weights that it has had since and that a folder holds. */
  public static Policy taughtSince(
      Shape shape, List<String> words, int responseTokens, Path weights, Execution execution) {
    return made(shape, words, responseTokens, spec -> Decoder.load(weights, execution));
  }

  private static Policy made(
      Shape shape, List<String> words, int responseTokens, Function<ModelSpec, Decoder> maker) {
    byte[] json = WordLevelTokenizer.json(RoleTokenFormat.SPECIAL_TOKENS, words);
    TextTokenizer tokenizer = WordLevelTokenizer.of(RoleTokenFormat.SPECIAL_TOKENS, words);
    HfCheckpoint.Companions companions =
        new HfCheckpoint.Companions(
            json, RoleTokenFormat.TEMPLATE, RoleTokenFormat.END, WordLevelTokenizer.PAD);
    return new Policy(
        maker.apply(shape.withVocabulary(tokenizer.vocabularySize())),
        new RoleTokenFormat(tokenizer),
        responseTokens,
        (decoder, folder) -> HfCheckpoint.create(folder, decoder, companions),
        tokenizer::close);
  }

  /**
   * The same agent with its own copy of the weights, which learns; to be closed before this one.
   */
  public Policy copy() {
    return new Policy(decoder.copy(), format, responseTokens, saver, () -> {});
  }

  /** The same agent with {@link Decoder#snapshot its present weights}; to be closed before it. */
  public Policy snapshot() {
    return new Policy(decoder.snapshot(), format, responseTokens, saver, () -> {});
  }

  /**
   * The same agent with a fresh adapter; only the adapter learns. It takes this one's place, and
   * its weights.
   */
  public Policy withAdapter(LoraSettings lora, long seed) {
    return inPlace(decoder.intoAdapted(lora, seed));
  }

  /** The same agent with an adapter from a folder in PEFT's layout. It takes this one's place. */
  public Policy withAdapter(Path folder) {
    return inPlace(decoder.intoAdapted(folder));
  }

  private Policy inPlace(Decoder adapted) {
    return new Policy(adapted, format, responseTokens, saver, release);
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

  /** Whether it reads words beyond a vocabulary that was made for one environment. */
  public boolean readsAnyWord() {
    return !(format instanceof RoleTokenFormat);
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
    release.run();
  }
}
