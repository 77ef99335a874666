package dev.tandem.trainer.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.CheckpointFiles;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.TensorDigest;
import dev.tandem.trainer.model.file.WeightFiles;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.shape.ConfigJson;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.weights.CheckpointWeights;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Hugging Face directory: config.json, weights, tokenizer and generation settings, which vLLM,
 * SGLang, llama.cpp and transformers load unchanged.
 *
 * @param directory where it lies
 * @param spec its decoder's shape
 * @param adapters folders of LoRA adapters that its weights have to be read with, the first one
 *     first: those of a run's checkpoint that names the directory as its base
 */
public record HfCheckpoint(Path directory, ModelSpec spec, List<Path> adapters) {

  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /**
   * Files of weights in any format: never carried over, they would contradict the exported ones.
   */
  private static final Pattern WEIGHTS =
      Pattern.compile(".*\\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx)(\\.index\\.json)?");

  /**
   * What a fresh checkpoint says besides its weights.
   *
   * @param tokenizerJson bytes of tokenizer.json
   * @param chatTemplate Jinja text that renders messages
   * @param endOfTurn special token that ends a response
   * @param padding special token that fills rows
   */
  @SuppressWarnings("ArrayRecordComponent") // a file's bytes, never compared
  public record Companions(
      byte[] tokenizerJson, String chatTemplate, String endOfTurn, String padding) {}

  /** Copies the list. */
  public HfCheckpoint {
    adapters = List.copyOf(adapters);
  }

  /** A whole model. */
  public HfCheckpoint(Path directory, ModelSpec spec) {
    this(directory, spec, List.of());
  }

  /**
   * Opens a directory, compares it with its manifest if it has one, and checks that its files fit
   * each other. Weights are read by {@link #loadDecoder}.
   *
   * @throws dev.tandem.trainer.io.DamagedStateException when a file is not what was written
   * @throws CheckpointException when config.json or tokenizer.json is missing, damaged or
   *     unsupported, or contradicts itself or another file
   */
  public static HfCheckpoint open(Path directory) {
    if (Manifest.isIn(directory)) {
      verify(directory);
    }
    CheckpointRecord.Base base = CheckpointRecord.of(directory).base();
    if (base != null) {
      base.verify(directory);
    }
    return trusted(directory);
  }

  /**
   * Compares what makes up the model with the directory's manifest.
   *
   * @throws dev.tandem.trainer.io.DamagedStateException when a file is not what was written
   */
  public static void verify(Path directory) {
    Manifest.read(directory)
        .damage(directory, name -> !isBookkeeping(name))
        .findFirst()
        .ifPresent(
            damage -> {
              throw damage.exception();
            });
  }

  /** What a run keeps beside the weights, for itself. */
  private static boolean isBookkeeping(String file) {
    return file.startsWith(RunFiles.COPIES + "/")
        || file.equals(RunFiles.STATE)
        || file.equals(RunFiles.OPTIMISER)
        || file.equals(RunFiles.BEHAVIOUR)
        || file.equals(Manifest.NAME);
  }

  /** The same of a directory that has been compared with its manifest already. */
  public static HfCheckpoint trusted(Path directory) {
    CheckpointRecord.Base base = CheckpointRecord.of(directory).base();
    if (base != null) {
      HfCheckpoint model = trusted(base.at(directory));
      List<Path> adapters = new ArrayList<>(model.adapters());
      adapters.add(directory.resolve(RunFiles.ADAPTER));
      return new HfCheckpoint(model.directory(), model.spec(), adapters);
    }
    HfCheckpoint checkpoint =
        new HfCheckpoint(directory, ModelSpec.read(directory.resolve(CONFIG)));
    new SpecialIds(directory).check(checkpoint.spec().vocabularySize());
    if (Files.exists(directory.resolve(TokenizerFile.NAME))) {
      checkpoint.checkTokenizer();
    }
    return checkpoint;
  }

  /**
   * Checks that a path which somebody named is a directory of this kind at all.
   *
   * @throws IllegalArgumentException if it is not
   */
  public static void requireAt(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          Files.exists(directory)
              ? "checkpoint %s is a file; name the folder that holds config.json and the weights"
                  .formatted(directory)
              : "checkpoint %s does not exist; name a Hugging Face folder".formatted(directory));
    }
    if (!Files.exists(directory.resolve(CONFIG)) && CheckpointRecord.of(directory).base() == null) {
      throw new IllegalArgumentException(
          "checkpoint %s holds no %s; name the folder of a complete checkpoint"
              .formatted(directory, CONFIG));
    }
  }

  private void checkTokenizer() {
    Path file = directory.resolve(TokenizerFile.NAME);
    int size = TokenizerFile.read(file).vocabularySize();
    if (size > spec.vocabularySize()) {
      throw new CheckpointException(
          file,
          "has %d tokens but the model has only %d embeddings; use the tokenizer that was made for it"
              .formatted(size, spec.vocabularySize()));
    }
  }

  /** Loads the weights, adapters merged into them, to learn. */
  public Decoder loadDecoder(Execution execution) {
    if (adapters.isEmpty()) {
      return Decoder.load(directory, execution);
    }
    if (!execution.precision().copiesMasters()) {
      return merged(execution, true);
    }
    // Masters are what was merged, not what is left of it after rounding.
    try (Decoder exact = merged(execution.withPrecision(Precision.FLOAT32), false)) {
      return exact.copy(execution);
    }
  }

  /** Loads them to score, to sample, or to put an adapter on. */
  public Decoder loadFrozen(Execution execution) {
    return merged(execution, false);
  }

  private Decoder merged(Execution execution, boolean learns) {
    Decoder decoder = Decoder.loadFrozen(directory, execution);
    for (int i = 0; i < adapters.size(); i++) {
      boolean last = i == adapters.size() - 1;
      try (Decoder before = decoder) {
        decoder = before.intoAdapted(adapters.get(i)).intoMerged(learns && last);
      }
    }
    return decoder;
  }

  /** The same to look at them on this machine's processor. */
  private Decoder loadDecoder() {
    return loadFrozen(Execution.cpu(Runtime.getRuntime().availableProcessors()));
  }

  /** Loads the tokenizer. */
  public TextTokenizer loadTokenizer() {
    return TextTokenizer.load(directory);
  }

  /** The ids that end a response: generation_config.json's, else config.json's; possibly none. */
  public List<Integer> endOfSequenceIds() {
    return new SpecialIds(directory).ends();
  }

  /**
   * What a user should know about this directory although it can be used: keys of config.json that
   * cannot be judged, and files that do not agree where it does not matter. One sentence each.
   */
  public List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    Path config = directory.resolve(CONFIG);
    List<String> unknown = ConfigJson.unknownKeys(JsonFiles.read(config));
    if (!unknown.isEmpty()) {
      remarks.add(
          "%s: unknown keys, which may or may not change what the model computes: %s"
              .formatted(config, String.join(", ", unknown)));
    }
    new SpecialIds(directory).remarks().forEach(said -> remarks.add(directory + ": " + said));
    return remarks;
  }

  /** SHA-256 of the weights as singles, the same as {@link Decoder#weightsSha256()}. */
  public String weightsSha256() {
    if (!adapters.isEmpty()) {
      try (Decoder decoder = loadDecoder()) {
        return decoder.weightsSha256();
      }
    }
    try (CheckpointWeights weights = CheckpointWeights.open(directory, spec)) {
      return TensorDigest.sha256(weights.byName(ElementType.F32));
    }
  }

  /**
   * Writes what this directory holds, its weights in another format. Weights stream from file to
   * file, so the model need not fit into memory, unless there are adapters to merge.
   *
   * @param target where to; may exist
   * @return the checkpoint written
   * @throws CheckpointException when a file cannot be read or written
   */
  public HfCheckpoint convert(Path target, WeightFormat format) {
    if (!adapters.isEmpty()) {
      try (Decoder decoder = loadDecoder()) {
        return export(decoder, target, format);
      }
    }
    copyCompanions(target, format.type());
    try (CheckpointWeights weights = CheckpointWeights.open(directory, spec)) {
      WeightFiles.write(target, weights.byName(format.type()), format.maxShardBytes());
    }
    return new HfCheckpoint(target, spec);
  }

  /**
   * Like {@link #export(Decoder, Path, WeightFormat)} in single precision and one file, the format
   * that a run resumes from.
   */
  public HfCheckpoint export(Decoder decoder, Path target) {
    return export(decoder, target, WeightFormat.SINGLE);
  }

  /**
   * Writes {@code decoder} with everything else that this directory holds.
   *
   * @param decoder trained from this checkpoint's shape
   * @param target where to; may exist
   * @return the checkpoint written
   * @throws CheckpointException when a file cannot be read or written
   */
  public HfCheckpoint export(Decoder decoder, Path target, WeightFormat format) {
    if (!decoder.spec().equals(spec)) {
      throw new CheckpointException(
          directory, "describes another model than the decoder; export from its own checkpoint");
    }
    copyCompanions(target, format.type());
    decoder.saveWeights(target, format);
    return new HfCheckpoint(target, spec);
  }

  /**
   * Writes all but the weights; config.json then says that these are of {@code type}.
   *
   * @throws CheckpointException when a file cannot be read or written
   */
  public void copyCompanions(Path target, ElementType type) {
    for (Path file : companions()) {
      boolean config = file.getFileName().toString().equals(CONFIG);
      CheckpointFiles.write(
          target.resolve(file.getFileName()), config ? config(file, type) : read(file));
    }
  }

  /** The configuration as every reader understands it, and as the weights are written. */
  private byte[] config(Path file, ElementType type) {
    if (!(JsonFiles.read(file) instanceof ObjectNode config)) {
      return read(file);
    }
    ObjectNode before = config.deepCopy();
    ConfigJson.makeReadableForAll(config, spec, type);
    return config.equals(before) ? read(file) : JsonFiles.bytes(config);
  }

  private List<Path> companions() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !WEIGHTS.matcher(file.getFileName().toString()).matches())
          .filter(file -> !isBookkeeping(file.getFileName().toString()))
          .filter(file -> !file.endsWith(CheckpointRecord.NAME))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new CheckpointException(
          directory, "cannot be listed (" + e.getMessage() + "); check that it still exists", e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CheckpointException(file, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Writes a checkpoint for a decoder that was not loaded from one.
   *
   * @return the checkpoint written
   * @throws CheckpointException when a file cannot be written or the tokenizer does not fit
   */
  public static HfCheckpoint create(Path target, Decoder decoder, Companions companions) {
    CheckpointFiles.write(target.resolve(TokenizerFile.NAME), companions.tokenizerJson());
    HfCheckpoint checkpoint = new HfCheckpoint(target, decoder.spec());
    checkpoint.checkTokenizer();
    int endOfTurn;
    int padding;
    try (TextTokenizer tokenizer = checkpoint.loadTokenizer()) {
      endOfTurn = tokenizer.specialToken(companions.endOfTurn());
      padding = tokenizer.specialToken(companions.padding());
    }
    ObjectNode config = decoder.spec().toJson();
    config.putNull("bos_token_id");
    config.put("eos_token_id", endOfTurn);
    config.put("pad_token_id", padding);
    CheckpointFiles.write(target.resolve(CONFIG), JsonFiles.bytes(config));

    ObjectNode generation = JsonFiles.MAPPER.createObjectNode();
    ArrayNode ends = generation.putArray("eos_token_id");
    ends.add(endOfTurn);
    generation.put("pad_token_id", padding);
    generation.put("do_sample", true);
    CheckpointFiles.write(target.resolve(GENERATION_CONFIG), JsonFiles.bytes(generation));

    ObjectNode tokenizerConfig = JsonFiles.MAPPER.createObjectNode();
    tokenizerConfig.put("tokenizer_class", "PreTrainedTokenizerFast");
    tokenizerConfig.put("model_max_length", decoder.spec().maxPositions());
    tokenizerConfig.put("clean_up_tokenization_spaces", false);
    tokenizerConfig.put("eos_token", companions.endOfTurn());
    tokenizerConfig.put("pad_token", companions.padding());
    tokenizerConfig.put("chat_template", companions.chatTemplate());
    CheckpointFiles.write(target.resolve(TOKENIZER_CONFIG), JsonFiles.bytes(tokenizerConfig));

    decoder.saveWeights(target);
    return checkpoint;
  }
}
