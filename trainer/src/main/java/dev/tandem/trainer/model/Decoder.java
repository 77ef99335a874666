package dev.tandem.trainer.model;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.TensorSource;
import dev.tandem.trainer.model.file.WeightFiles;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.learn.Differentiation;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.NonFiniteGradientException;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.learn.TokenCost;
import dev.tandem.trainer.model.learn.TokenLoss;
import dev.tandem.trainer.model.learn.TokenScores;
import dev.tandem.trainer.model.learn.TrainStep;
import dev.tandem.trainer.model.learn.UpdateRule;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.InputChecks;
import dev.tandem.trainer.model.runtime.Parameters;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.Sample;
import dev.tandem.trainer.model.sampling.SampleRequest;
import dev.tandem.trainer.model.sampling.SamplingLimits;
import dev.tandem.trainer.model.sampling.SamplingSession;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.weights.Adapter;
import dev.tandem.trainer.model.weights.AdapterFiles;
import dev.tandem.trainer.model.weights.CheckpointWeights;
import dev.tandem.trainer.model.weights.FreshWeights;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A decoder-only language model in native memory: it scores, samples, differentiates, learns and
 * saves.
 *
 * <p>Batches are ragged; padding is handled inside and does not change results beyond rounding.
 * Equal calls give equal bits on one machine. Calls may come from any thread, but none may run
 * while an {@link Optimiser} steps.
 */
public final class Decoder implements AutoCloseable {

  private final DecoderRuntime runtime;
  private final Differentiation differentiation;

  private Decoder(DecoderRuntime runtime) {
    this.runtime = runtime;
    differentiation = new Differentiation(runtime);
  }

  private static Decoder of(
      ModelSpec spec, Execution execution, TensorSource source, boolean learns) {
    WeightLayout layout = WeightLayout.of(spec);
    return new Decoder(
        new DecoderRuntime(
            spec,
            execution,
            (type, scope) -> FusedTensors.load(layout, source, type, scope),
            learns,
            Optional.empty()));
  }

  /**
   * Loads config.json and the safetensors files of a Hugging Face directory.
   *
   * @throws CheckpointException when a file is missing, damaged, or does not match config.json
   */
  public static Decoder load(Path directory, Execution execution) {
    return load(directory, execution, true);
  }

  /**
   * The same to score, to sample, or to put an adapter on: the weights are held in the type that
   * they are computed with, once, and never change.
   */
  public static Decoder loadFrozen(Path directory, Execution execution) {
    return load(directory, execution, false);
  }

  private static Decoder load(Path directory, Execution execution, boolean learns) {
    ModelSpec spec = ModelSpec.read(directory.resolve("config.json"));
    try (CheckpointWeights weights = CheckpointWeights.open(directory, spec)) {
      return of(spec, execution, weights, learns);
    }
  }

  /**
   * Makes fresh weights: norm gains 1, biases 0, all else normal(0, initializerRange) drawn from
   * {@code seed}.
   */
  public static Decoder initialise(ModelSpec spec, long seed, Execution execution) {
    return of(spec, execution, new FreshWeights(spec, seed), true);
  }

  /**
   * Returns a decoder with the same weights and its own memory, which learns; an adapter is copied
   * as one.
   */
  public Decoder copy() {
    return copy(runtime.execution());
  }

  /**
   * Returns a decoder that scores and samples with the present weights whatever this one learns. It
   * shares what is frozen and has a copy of what learns, in the type of the arithmetic: an adapter,
   * or all weights. To be closed before this one.
   */
  public Decoder snapshot() {
    return new Decoder(runtime.snapshot());
  }

  /** Makes a {@link #snapshot} one of what that decoder has learnt by now. */
  public void follow(Decoder live) {
    runtime.follow(live.runtime);
  }

  /**
   * Makes a snapshot one of weights from a checkpoint.
   *
   * @param learnt folder of the weights, or of the adapter where only that learns
   * @throws CheckpointException when it is damaged or belongs to another shape of model
   */
  public void follow(Path learnt) {
    if (lora().isPresent()) {
      runtime.follow(new AdapterFiles(learnt).read(spec()).weights());
      return;
    }
    try (CheckpointWeights weights = CheckpointWeights.open(learnt, spec())) {
      runtime.follow(
          scope ->
              FusedTensors.load(
                  WeightLayout.of(spec()),
                  weights,
                  runtime.execution().precision().compute(),
                  scope));
    }
  }

  /** The same on another device or in another arithmetic. */
  public Decoder copy(Execution execution) {
    return new Decoder(runtime.copy(execution, true));
  }

  /**
   * Returns a decoder with the same weights and its own memory that never changes, such as a
   * reference policy: what is computed with is there once, and nothing else.
   */
  public Decoder frozenCopy() {
    return new Decoder(runtime.copy(runtime.execution(), false));
  }

  /**
   * Returns a decoder with its own memory that computes the same as this one, and in which only a
   * fresh LoRA adapter learns. This decoder's own adapter is merged first.
   *
   * @param seed decides the adapter's first values
   */
  public Decoder withAdapter(LoraSettings lora, long seed) {
    return withAdapter(Adapter.fresh(spec(), lora, seed));
  }

  /**
   * Returns a decoder like this one with an adapter from a folder in PEFT's layout.
   *
   * @throws CheckpointException when the adapter is damaged, belongs to another shape of model, or
   *     asks for something that is not computed here
   */
  public Decoder withAdapter(Path directory) {
    return withAdapter(new AdapterFiles(directory).read(spec()));
  }

  /**
   * Like {@link #withAdapter(LoraSettings, long)} in this decoder's own memory, which is given up:
   * this decoder is closed, and the weights are there once at any time.
   */
  public Decoder intoAdapted(LoraSettings lora, long seed) {
    return new Decoder(runtime.into(Optional.of(Adapter.fresh(spec(), lora, seed)), true));
  }

  /** The same with an adapter from a folder in PEFT's layout. */
  public Decoder intoAdapted(Path directory) {
    Adapter adapter = new AdapterFiles(directory).read(spec());
    return new Decoder(runtime.into(Optional.of(adapter), true));
  }

  /**
   * The adapter merged into the weights, in this decoder's own memory, which is given up.
   *
   * @param learns whether the result does, or is frozen
   */
  public Decoder intoMerged(boolean learns) {
    return new Decoder(runtime.into(Optional.empty(), learns));
  }

  Decoder withAdapter(Adapter adapter) {
    return new Decoder(runtime.merged(Optional.of(adapter)));
  }

  /** Returns a decoder with its own memory, without an adapter, that computes the same. */
  public Decoder merged() {
    return new Decoder(runtime.merged(Optional.empty()));
  }

  /** The adapter's settings; empty when all weights learn. */
  public Optional<LoraSettings> lora() {
    return runtime.lora();
  }

  /**
   * Writes adapter_config.json and adapter_model.safetensors into {@code directory}, as PEFT does.
   *
   * @param base name of the model that the adapter belongs to, for whoever loads it
   * @throws IllegalStateException when the decoder has no adapter
   */
  public void saveAdapter(Path directory, String base) {
    LoraSettings lora =
        lora()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the decoder has no adapter to save; call withAdapter first"));
    Parameters parameters = runtime.parameters();
    parameters.readLearning(
        parameters.masters(),
        weights -> {
          new AdapterFiles(directory).write(base, lora, weights);
          return weights;
        });
  }

  /** The decoder's shape. */
  public ModelSpec spec() {
    return runtime.spec();
  }

  DecoderRuntime runtime() {
    return runtime;
  }

  /**
   * Writes model.safetensors in single precision, an adapter merged; equal weights give equal
   * bytes.
   */
  public void saveWeights(Path directory) {
    saveWeights(directory, WeightFormat.SINGLE);
  }

  /**
   * Writes the weights, an adapter merged, into {@code directory}, in place of any that are there:
   * a reader finds the old ones or the new ones, whole, whenever it looks.
   */
  public void saveWeights(Path directory, WeightFormat format) {
    runtime
        .parameters()
        .read(
            weights -> {
              WeightFiles.write(directory, weights.byName(format.type()), format.maxShardBytes());
              return weights;
            });
  }

  /**
   * Returns the SHA-256 in hexadecimal of all tensors' bytes (little endian) in the order of their
   * names, an adapter merged.
   */
  public String weightsSha256() {
    return runtime.parameters().read(FusedTensors::sha256);
  }

  /**
   * Returns for each row log p(id[i + 1] | ids up to i), one value less than the row has ids.
   *
   * @throws DecoderInputException when a row is empty, too long, or has an id outside the
   *     vocabulary
   */
  public float[][] score(List<int[]> rows) {
    InputChecks.rows(spec(), rows);
    return differentiation.scoreRows(rows);
  }

  /**
   * Returns the response tokens' log-probabilities, [tokens] in the order of the records, without
   * keeping anything for a gradient. Tokens with weight 0 have none.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public float[] scoreRecords(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.score(records);
  }

  /**
   * Like {@link #scoreRecords} without the adapter: the frozen weights are a reference policy that
   * takes no memory of its own. The same as {@code scoreRecords} when there is no adapter.
   */
  public float[] scoreFrozen(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.scoreFrozen(records);
  }

  /** What a batch's records cost in tokens when they are scored or differentiated. */
  public TokenCost cost(List<TrainRecord> records) {
    return TokenCost.of(runtime.cut(records));
  }

  /**
   * Samples one response per request, in the order of the requests.
   *
   * @throws DecoderInputException when a request does not fit the model
   */
  public List<Sample> sample(List<SampleRequest> requests) {
    return SamplingSession.sample(runtime, samplingLimits(), requests);
  }

  /**
   * Opens a running batch that requests join and leave, with the present weights.
   *
   * @param sequences how many requests will be in it at once; more wait
   */
  public SamplingSession samplingSession(int sequences) {
    return samplingSession(sequences, samplingLimits());
  }

  /** The limits that suit this decoder. */
  public SamplingLimits samplingLimits() {
    return SamplingLimits.defaults(spec(), runtime.execution());
  }

  /** Opens a running batch with limits of its own. */
  public SamplingSession samplingSession(int sequences, SamplingLimits limits) {
    return new SamplingSession(runtime, limits, sequences);
  }

  /** Returns an optimiser of what learns in this decoder, its moments empty. */
  public Optimiser newOptimiser(UpdateRule rule) {
    return new Optimiser(runtime, rule);
  }

  /**
   * Returns an optimiser that continues from a state that one of this decoder's shape saved.
   *
   * @throws CheckpointException when the file is damaged or belongs to a model of another shape
   */
  public Optimiser restoreOptimiser(UpdateRule rule, Path state) {
    return Optimiser.restore(runtime, rule, state);
  }

  /** Returns gradient sums for what learns in this decoder, all zero. */
  public Gradients newGradients() {
    return new Gradients(runtime);
  }

  /**
   * Computes the response tokens' log-probabilities and entropies, without keeping anything for a
   * gradient.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public TokenScores evaluate(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.evaluate(records);
  }

  /**
   * Computes the response tokens' log-probabilities and keeps what their gradient needs.
   *
   * @throws DecoderInputException when a record does not fit the model
   */
  public ForwardPass forward(List<TrainRecord> records) {
    InputChecks.records(spec(), records);
    return differentiation.forward(records);
  }

  /**
   * Adds the gradient of a loss of tokens to {@code into}: what {@link #forward} and {@code
   * backward} do, with each token's logits computed once and each chunk's activations kept no
   * longer than it takes.
   *
   * @return [tokens] of the response tokens, in the order of the records, before any step
   * @throws DecoderInputException when a record does not fit the model
   */
  public TokenScores differentiate(List<TrainRecord> records, TokenLoss loss, Gradients into) {
    InputChecks.records(spec(), records);
    return differentiation.differentiate(records, loss, into);
  }

  /**
   * Adds the gradient of {@code scale * sum(weight * -log p)} over all response tokens to {@code
   * into}. Memory is bounded by the chunks at work, not by the batch.
   *
   * @return the unscaled sum of weight * -log p in nats
   * @throws DecoderInputException when a record does not fit the model
   */
  public double accumulateCrossEntropy(List<TrainRecord> records, double scale, Gradients into) {
    InputChecks.records(spec(), records);
    return differentiation.crossEntropy(records, scale, into);
  }

  /**
   * Takes one supervised step down the mean of -log p over all response tokens: behaviour cloning.
   *
   * @param optimiser one that was made for this decoder
   * @throws DecoderInputException when a record does not fit the model, or there is none
   * @throws NonFiniteGradientException when the gradient is not finite; the weights are unchanged
   */
  public TrainStep trainStep(
      List<TrainRecord> records, Optimiser optimiser, double learningRate, double maxGradientNorm) {
    try (Gradients gradients = newGradients()) {
      return trainStep(
          records,
          Differentiation.tokens(records),
          optimiser,
          gradients,
          learningRate,
          maxGradientNorm);
    }
  }

  /**
   * Takes one supervised step down {@code sum(weight * -log p) / divisor} over all response tokens.
   *
   * @param divisor such as the number of tokens with weight 1, so that others add to the loss and
   *     do not dilute it
   * @param gradients all zero, before and after: kept from step to step, their memory is not asked
   *     for anew
   * @throws DecoderInputException when a record does not fit the model, or there is none
   * @throws NonFiniteGradientException when the gradient is not finite; the weights are unchanged
   */
  public TrainStep trainStep(
      List<TrainRecord> records,
      double divisor,
      Optimiser optimiser,
      Gradients gradients,
      double learningRate,
      double maxGradientNorm) {
    InputChecks.someRecords(spec(), records);
    return differentiation.trainStep(
        records, divisor, optimiser, gradients, learningRate, maxGradientNorm);
  }

  /** Waits for running calls and frees the native memory. */
  @Override
  public void close() {
    runtime.close();
  }
}
