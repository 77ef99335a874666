package dev.tandem.benchmarks.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Trains and samples for long and watches the process's resident memory: {@code MemoryFlatness
 * [STEPS SEQUENCES]}, by default 1,000 train steps and 10,000 sequences, in rounds that do both. A
 * quarter of them is warm-up. Prints one JSON object; the exit status is 1 when memory grew by more
 * than 50 MB. The Java heap counts too, so give it a fixed size ({@code -Xms256m -Xmx256m
 * -XX:+AlwaysPreTouch}).
 */
public final class MemoryFlatness {
  private static final int ROUNDS = 100;
  private static final int BATCH = 64;
  private static final double MOST_GROWTH_MB = 50;

  private MemoryFlatness() {}

  /** Runs the process. */
  public static void main(String[] arguments) throws IOException {
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000;
    int sequences = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    Result result = run(steps, sequences);
    System.out.println(new ObjectMapper().writeValueAsString(result.json()));
    System.exit(result.growth() <= MOST_GROWTH_MB ? 0 : 1);
  }

  /**
   * Resident memory in megabytes.
   *
   * @param warm at the end of the warm-up
   * @param most ever after
   */
  record Result(int trainSteps, int sequences, double warm, double most) {
    double growth() {
      return most - warm;
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("train_steps", trainSteps);
      json.put("sequences", sequences);
      json.put("warm_mb", warm);
      json.put("most_mb", most);
      json.put("growth_mb", growth());
      return json;
    }
  }

  static Result run(int steps, int sequences) throws IOException {
    int rounds = Math.min(ROUNDS, Math.min(steps, sequences));
    int warmUp = Math.ceilDiv(rounds, 4);
    double warm = 0;
    double most = 0;
    try (Decoder decoder =
            Decoder.initialise(
                DecoderWorkload.HOUSE.spec(),
                1,
                Execution.cpu(Runtime.getRuntime().availableProcessors()));
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults())) {
      SplittableRandom random = new SplittableRandom(1);
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < share(steps, rounds, round); i++) {
          decoder.trainStep(records(decoder.spec(), random), optimiser, 1e-7, 1);
        }
        decoder.sample(requests(decoder.spec(), random, share(sequences, rounds, round)));
        double resident = residentMegabytes();
        warm = round < warmUp ? resident : warm;
        most = round < warmUp ? resident : Math.max(most, resident);
      }
    }
    return new Result(steps, sequences, warm, most);
  }

  /** A round's part of the whole; the parts add up. */
  private static int share(int total, int rounds, int round) {
    return (int) ((long) total * (round + 1) / rounds - (long) total * round / rounds);
  }

  private static List<TrainRecord> records(ModelSpec spec, SplittableRandom random) {
    return Stream.generate(
            () -> TrainRecord.unconstrained(ids(spec, random, 20, 90), ids(spec, random, 2, 10)))
        .limit(BATCH)
        .toList();
  }

  /** Of very different lengths, so that caches grow and shrink. */
  private static List<SampleRequest> requests(ModelSpec spec, SplittableRandom random, int count) {
    List<SampleRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(
          new SampleRequest(
              ids(spec, random, 20, 200),
              1 + random.nextInt(40),
              1,
              random.nextLong(),
              new int[0],
              List.of()));
    }
    return requests;
  }

  private static int[] ids(ModelSpec spec, SplittableRandom random, int least, int most) {
    int length = random.nextInt(least, most);
    return IntStream.range(0, length).map(_ -> random.nextInt(spec.vocabularySize())).toArray();
  }

  private static double residentMegabytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          / 1024.0;
    }
  }
}
