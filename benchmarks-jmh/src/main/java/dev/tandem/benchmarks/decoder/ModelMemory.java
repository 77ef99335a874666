package dev.tandem.benchmarks.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.doctor.NamedShapes;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TokenLoss;
import dev.tandem.trainer.model.plan.Footprint;
import dev.tandem.trainer.model.plan.MemoryPlan;
import dev.tandem.trainer.model.plan.Microbatch;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.Projection;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a model takes of this machine's memory beside what was predicted: {@code ModelMemory SHAPE
 * MODE PRECISION FOLDER}, such as {@code qwen2.5-0.5b full float32 /tmp}. A mode is one of
 * generate, score, lora, full and reference, and a process measures one of them. Random bfloat16
 * weights are written to a subfolder of FOLDER the first time and stay there. Prints one JSON
 * object.
 *
 * <p>Measured is the most resident memory from before the weights are loaded to the end of the
 * work, less what the process has when a small model has done the same: the JVM, libtorch and its
 * kernels.
 */
public final class ModelMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Set to 5, it makes the peak begin anew. */
  private static final Path RESET = Path.of("/proc/self/clear_refs");

  private static final LoraSettings LORA =
      new LoraSettings(16, 16, EnumSet.allOf(Projection.class));
  private static final int SEQUENCES = 4;
  private static final int PROMPT = 48;
  private static final int NEW_TOKENS = 16;
  private static final Microbatch BATCH = new Microbatch(2, 128, 64);

  private ModelMemory() {}

  /** What is done with the model. */
  enum Mode {
    GENERATE,
    SCORE,
    LORA,
    FULL,
    REFERENCE
  }

  /** Runs the measurement. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 4) {
      System.err.println("usage: ModelMemory SHAPE MODE PRECISION FOLDER");
      System.exit(2);
    }
    ModelSpec spec = NamedShapes.of(arguments[0]);
    Path checkpoint = Path.of(arguments[3]).resolve("random-" + arguments[0]);
    Result result =
        measure(
            spec,
            Mode.valueOf(arguments[1].toUpperCase(Locale.ROOT)),
            Precision.valueOf(arguments[2].toUpperCase(Locale.ROOT)),
            checkpoint);
    System.out.println(new ObjectMapper().writeValueAsString(result.json(arguments)));
    System.exit(0);
  }

  /**
   * A prediction beside a measurement, in bytes.
   *
   * @param before resident before the model
   * @param peak most resident since then, less that
   */
  record Result(MemoryPlan predicted, long before, long peak) {
    /** By how much of the prediction the measurement is above it. */
    double error() {
      return (double) peak / predicted.bytes() - 1;
    }

    Map<String, Object> json(String... arguments) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("measured", String.join(" ", Arrays.asList(arguments).subList(0, 3)));
      json.put("predicted_bytes", predicted.bytes());
      json.put("peak_bytes", peak);
      json.put("error", error());
      json.put("before_bytes", before);
      json.put("predicted_gb", predicted.text(2));
      return json;
    }
  }

  static Result measure(ModelSpec spec, Mode mode, Precision precision, Path checkpoint)
      throws IOException {
    if (!Files.exists(checkpoint.resolve("config.json"))) {
      Files.createDirectories(checkpoint);
      CheckpointLoading.writeRandom(checkpoint.resolve("model.safetensors"), spec);
      Files.writeString(checkpoint.resolve("config.json"), spec.toJson().toString());
    }
    Execution execution =
        Execution.cpu(Runtime.getRuntime().availableProcessors()).withPrecision(precision);
    work(Decoder.initialise(DecoderWorkload.HOUSE.spec(), 1, execution), mode);
    System.gc();
    long before = bytes("VmRSS");
    Files.writeString(RESET, "5");
    boolean learns = mode == Mode.FULL || mode == Mode.REFERENCE;
    work(
        learns ? Decoder.load(checkpoint, execution) : Decoder.loadFrozen(checkpoint, execution),
        mode);
    return new Result(plan(spec, mode, execution), before, bytes("VmHWM") - before);
  }

  private static MemoryPlan plan(ModelSpec spec, Mode mode, Execution execution) {
    Footprint full = Footprint.frozen(spec, execution);
    return switch (mode) {
      case GENERATE -> full.sampling(SEQUENCES, PROMPT + NEW_TOKENS);
      case SCORE -> full.scoring(BATCH);
      case LORA -> new Footprint(spec, execution, Optional.of(LORA)).step(BATCH, true);
      case FULL -> full.step(BATCH, false);
      case REFERENCE -> full.step(BATCH, true);
    };
  }

  /** Does the work and closes the model. */
  private static void work(Decoder model, Mode mode) {
    try (Decoder decoder = mode == Mode.LORA ? model.intoAdapted(LORA, 1) : model) {
      SplittableRandom random = new SplittableRandom(1);
      switch (mode) {
        case GENERATE -> decoder.sample(requests(decoder.spec(), random));
        case SCORE -> decoder.scoreRecords(records(decoder.spec(), random));
        case LORA, FULL -> step(decoder, records(decoder.spec(), random));
        case REFERENCE -> {
          try (Decoder reference = decoder.frozenCopy()) {
            reference.scoreRecords(records(decoder.spec(), random));
            step(decoder, records(decoder.spec(), random));
          }
        }
      }
    }
  }

  /** One step of GRPO's kind: the loss comes between the way forward and the way back. */
  private static void step(Decoder decoder, List<TrainRecord> records) {
    TokenLoss loss =
        (tokens, _, _) -> {
          double[] lossByLogProb = new double[tokens.length];
          Arrays.fill(lossByLogProb, -1e-3);
          return new TokenLoss.Derivatives(lossByLogProb, null);
        };
    try (Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults());
        Gradients gradients = decoder.newGradients()) {
      decoder.differentiate(records, loss, gradients);
      optimiser.step(gradients, 1e-6, 1);
    }
  }

  private static List<TrainRecord> records(ModelSpec spec, SplittableRandom random) {
    return Stream.generate(
            () ->
                TrainRecord.unconstrained(
                    ids(spec, random, BATCH.length() - BATCH.wanted() + 1),
                    ids(spec, random, BATCH.wanted())))
        .limit(BATCH.rows())
        .toList();
  }

  private static List<SampleRequest> requests(ModelSpec spec, SplittableRandom random) {
    return Stream.generate(
            () ->
                new SampleRequest(
                    ids(spec, random, PROMPT),
                    NEW_TOKENS,
                    1,
                    random.nextLong(),
                    new int[0],
                    List.of()))
        .limit(SEQUENCES)
        .toList();
  }

  private static int[] ids(ModelSpec spec, SplittableRandom random, int length) {
    return IntStream.range(0, length).map(_ -> random.nextInt(spec.vocabularySize())).toArray();
  }

  private static long bytes(String key) throws IOException {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
              .filter(line -> line.startsWith(key + ":"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          << 10;
    }
  }
}
