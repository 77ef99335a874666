package dev.tandem.benchmarks.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.benchmarks.measure.Check;
import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.grpo.AdvantageSettings;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingRule;
import dev.tandem.trainer.model.sampling.StopRule;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One side of a comparison that another process drives, so that both work in turns and never at
 * once: {@code src/python/against_transformers.py} is that process. The argument is a Hugging Face
 * folder. A line of standard input asks for work, a line of standard output answers with how long
 * it took and what came out; both are JSON.
 */
public final class WorkOnRequest implements AutoCloseable {
  private static final double MAX_GRADIENT_NORM = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path checkpoint;
  private final Kernels kernels = Kernels.scalar();
  private final Map<Precision, Model> models = new EnumMap<>(Precision.class);

  private record Model(Decoder decoder, Optimiser optimiser, Gradients gradients) {}

  /** Nothing is loaded before it is asked for. */
  WorkOnRequest(Path checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** Kinds of work. */
  enum Work {
    /** Greedy tokens after the ids; values are the tokens. */
    DECODE,
    /** Log-probabilities of the ids, which are the values. */
    SCORE,
    /** One step of AdamW down the ids' cross-entropy; values are the loss and the norm. */
    TRAIN,
    /** One step of GRPO from sampling to AdamW, ids being the prompts; the value is the norm. */
    GRPO
  }

  /**
   * What is asked for.
   *
   * @param ids [rows, tokens]
   * @param newTokens a response's length, where there are responses
   * @param generations responses of each prompt, for GRPO
   * @param seed of the sampling
   */
  @SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
  record Request(
      Work work,
      Precision precision,
      int[][] ids,
      int newTokens,
      int generations,
      double learningRate,
      long seed) {}

  /**
   * What is answered.
   *
   * @param seconds that the work took, without reading the request and writing the answer
   */
  @SuppressWarnings("ArrayRecordComponent") // bulk data, never compared
  record Answer(double seconds, double[] values) {}

  /** Runs the process until its input ends. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (WorkOnRequest side = new WorkOnRequest(Path.of(arguments[0]));
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(JSON.writeValueAsString(side.answer(JSON.readValue(line, Request.class))));
      }
    }
  }

  Answer answer(Request request) {
    Model model = models.computeIfAbsent(request.precision(), this::load);
    long start = System.nanoTime();
    double[] values =
        switch (request.work()) {
          case DECODE -> decode(request, model.decoder());
          case SCORE -> score(request, model.decoder());
          case TRAIN -> train(request, model);
          case GRPO -> new double[] {grpo(request, model)};
        };
    return new Answer((System.nanoTime() - start) / 1e9, values);
  }

  /** As `train` and `score` load it. */
  private Model load(Precision precision) {
    Execution execution = Execution.cpu(Runtime.getRuntime().availableProcessors());
    Decoder decoder = Decoder.load(checkpoint, execution.withPrecision(precision));
    return new Model(
        decoder, decoder.newOptimiser(AdamWSettings.defaults()), decoder.newGradients());
  }

  private static double[] decode(Request request, Decoder decoder) {
    List<SampleRequest> prompts =
        Arrays.stream(request.ids())
            .map(
                prompt ->
                    new SampleRequest(
                        prompt,
                        request.newTokens(),
                        SamplingRule.GREEDY,
                        request.seed(),
                        StopRule.NONE,
                        List.of()))
            .toList();
    return decoder.sample(prompts).stream()
        .flatMapToInt(sample -> Arrays.stream(sample.tokens()))
        .asDoubleStream()
        .toArray();
  }

  private static double[] score(Request request, Decoder decoder) {
    return Arrays.stream(decoder.score(List.of(request.ids())))
        .flatMapToDouble(WorkOnRequest::doubles)
        .toArray();
  }

  private static double[] train(Request request, Model model) {
    List<TrainRecord> records =
        Arrays.stream(request.ids())
            .map(
                row ->
                    TrainRecord.unconstrained(
                        new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)))
            .toList();
    var step =
        model
            .decoder()
            .trainStep(
                records,
                records.stream().mapToInt(TrainRecord::wanted).sum(),
                model.optimiser(),
                model.gradients(),
                request.learningRate(),
                MAX_GRADIENT_NORM);
    return new double[] {step.loss(), step.gradientNorm()};
  }

  /** A sampled response and its prompt's number. */
  private record Attempt(int prompt, Sample sample) {
    /** The share of even ids: anything that differs within a group will do. */
    double reward() {
      return Arrays.stream(sample.tokens()).filter(id -> id % 2 == 0).count()
          / (double) sample.tokens().length;
    }
  }

  private double grpo(Request request, Model model) {
    List<Attempt> attempts = attempts(request, model.decoder());
    double[] advantages =
        Advantages.compute(
                attempts.stream()
                    .map(one -> new RewardedTrajectory("" + one.prompt(), "", one.reward()))
                    .toList(),
                AdvantageSettings.DEFAULTS,
                kernels)
            .values();
    GlobalCounts all =
        new GlobalCounts((long) attempts.size() * request.newTokens(), attempts.size());
    int most =
        Math.max(
            1,
            OptimiserSettings.DEFAULTS.microbatchTokens()
                / (request.ids()[0].length + request.newTokens()));
    for (int from = 0; from < attempts.size(); from += most) {
      int to = Math.min(attempts.size(), from + most);
      differentiate(
          request,
          model.decoder(),
          attempts.subList(from, to),
          Arrays.copyOfRange(advantages, from, to),
          all,
          model.gradients());
    }
    return model.optimiser().step(model.gradients(), request.learningRate(), MAX_GRADIENT_NORM);
  }

  private static List<Attempt> attempts(Request request, Decoder decoder) {
    List<SampleRequest> requests = new ArrayList<>();
    int attempts = request.ids().length * request.generations();
    for (int i = 0; i < attempts; i++) {
      requests.add(
          new SampleRequest(
              request.ids()[i / request.generations()],
              request.newTokens(),
              /* temperature= */ 1,
              request.seed() * attempts + i,
              /* stopIds= */ new int[0],
              List.of()));
    }
    List<Sample> samples = decoder.sample(requests);
    return IntStream.range(0, attempts)
        .mapToObj(i -> new Attempt(i / request.generations(), samples.get(i)))
        .toList();
  }

  private void differentiate(
      Request request,
      Decoder decoder,
      List<Attempt> part,
      double[] advantages,
      GlobalCounts all,
      Gradients into) {
    List<TrainRecord> records =
        part.stream().map(one -> one.sample().asTrainRecord(request.ids()[one.prompt()])).toList();
    double[] behaviour =
        part.stream().flatMapToDouble(one -> doubles(one.sample().logProbs())).toArray();
    int[] offsets =
        IntStream.rangeClosed(0, part.size()).map(row -> row * request.newTokens()).toArray();
    Check.that(behaviour.length == offsets[part.size()], "a response is too short");
    PolicyBatch batch = PolicyBatch.of(offsets, behaviour, behaviour, advantages);
    decoder.differentiate(records, PolicyGradient.of(batch, all), into);
  }

  private static DoubleStream doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
  }

  @Override
  public void close() {
    for (Model model : models.values()) {
      model.gradients().close();
      model.optimiser().close();
      model.decoder().close();
    }
  }
}
