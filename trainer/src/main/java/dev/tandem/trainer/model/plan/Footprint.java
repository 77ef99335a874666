package dev.tandem.trainer.model.plan;

import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Execution;
import java.util.List;
import java.util.Optional;

/**
 * A decoder's bytes, counted from its shape and from what the program keeps. In the formulas c is
 * the width of a number that is computed with, 4 or 2 bytes; h, q, k, m and V are the widths of the
 * residual stream, of queries, of keys, of the MLP and of the vocabulary.
 *
 * <p>What is kept of a block for a token: the input of each norm, and again in 32 bits where c is
 * 2, the normed input before the gain if the gain learns, and after it; queries, keys and values as
 * projected; rotated queries and keys, values, attention's result and its log-sum by heads, in the
 * type that matrices are multiplied in; that result in the records' order; gate and up, the gate's
 * activation, and their product.
 */
public record Footprint(ModelSpec spec, Execution execution, Optional<LoraSettings> lora) {

  private static final int SINGLE = Float.BYTES;
  private static final int CACHE_STEP = 64;

  /**
   * As many copies of a head chunk's logits as exist at once where the program computes what is
   * between them and the loss: they, their softmax, one product. Kernels work in their place.
   */
  private static final int SCRIPT_HEAD_TENSORS = 3;

  /** As the model is computed where it is that large. */
  public Footprint {
    execution = execution.suited(spec.parameters());
  }

  /** Of a model that only answers. */
  public static Footprint frozen(ModelSpec spec, Execution execution) {
    return new Footprint(spec, execution, Optional.empty());
  }

  /** What a frozen model takes that scores records. */
  public MemoryPlan scoring(Microbatch batch) {
    long perToken = c() * (2L * spec.hiddenSize() + 4L * spec.mlpSize());
    return held(false)
        .with("layer at work", Math.max(batch.tokens() * perToken, mask(batch)))
        .with("widened product", widenedProduct(batch.tokens()))
        .with("head", widenedHead() + headChunk(batch.predicted()));
  }

  /**
   * What a frozen model takes that samples.
   *
   * @param sequences at once
   * @param length tokens of each, prompt and response
   */
  public MemoryPlan sampling(int sequences, int length) {
    return held(false)
        .with("packed weights", packed())
        .with("widened product", widenedProduct(sequences))
        .with("head", widenedHead())
        .with("key and value cache", cache(sequences, length))
        .with("logits", logits(sequences));
  }

  /**
   * Bytes of a sampled token: logits, log-probabilities, their exponentials, and the distribution
   * function in 64 bits.
   */
  public long logits(int sequences) {
    return (3L * SINGLE + Double.BYTES) * sequences * spec.vocabularySize();
  }

  /** Bytes of the keys and values of sequences. */
  public long cache(int sequences, int length) {
    return sequences * cacheBytesPerToken() * Math.ceilDiv(length, CACHE_STEP) * CACHE_STEP;
  }

  /** Bytes of the keys and values of a token in all layers. */
  public long cacheBytesPerToken() {
    return spec.cachedElements() * c();
  }

  /**
   * What an optimiser step takes with AdamW.
   *
   * @param reference whether a copy of the initial weights is held; an adapter has one below it
   */
  public MemoryPlan step(Microbatch batch, boolean reference) {
    long learning = learning().parameters();
    boolean copied = reference && lora.isEmpty();
    return held(true)
        .with("gradients", SINGLE * learning * (1 + pendingGradients()))
        .with("moments", 2L * SINGLE * learning)
        .with("reference", copied ? c() * spec.parameters() : 0)
        .with("activations", activations(batch))
        .with("head", widenedHead() + headChunk(batch.predicted()))
        .with("layer at work", layerAtWork(batch))
        .with("widened product", widenedProduct(batch.tokens()));
  }

  /**
   * What a step takes while others sample with a copy of what learns.
   *
   * @param step by itself
   * @param sequences at once
   * @param length tokens of each, prompt and response
   */
  public MemoryPlan besideSampling(MemoryPlan step, int sequences, int length) {
    return step.with("snapshot", c() * learning().parameters())
        .with("packed weights", packed())
        .with("key and value cache", cache(sequences, length))
        .with("logits", logits(sequences));
  }

  private WeightLayout learning() {
    return lora.map(one -> AdapterLayout.of(spec, one)).orElseGet(() -> WeightLayout.of(spec));
  }

  /** The weights as they are read, and the masters of what learns. */
  private MemoryPlan held(boolean trains) {
    boolean masters = trains && execution.precision().copiesMasters();
    long adapter = lora.isPresent() ? learning().parameters() : 0;
    return new MemoryPlan(
        List.of(
            new MemoryPlan.Part("weights", c() * spec.parameters()),
            new MemoryPlan.Part("adapter", c() * adapter),
            new MemoryPlan.Part("masters", masters ? SINGLE * learning().parameters() : 0)));
  }

  /** Small models' chunks run side by side, each with sums of its own. */
  private int pendingGradients() {
    return execution.device().isGpu() || Execution.isLarge(spec.parameters())
        ? 0
        : 2 * execution.workers();
  }

  /** Sampling reads weights in oneDNN's layout where oneDNN multiplies. */
  private long packed() {
    return execution.packsSampling() ? SINGLE * spec.parameters() : 0;
  }

  /** Logits are products in 32 bits. */
  private long widenedHead() {
    return execution.precision().copiesMasters() ? SINGLE * head() : 0;
  }

  private long head() {
    return (long) spec.vocabularySize() * spec.hiddenSize();
  }

  private long headChunk(long predicted) {
    int rows = execution.trainingMemory().headRows(spec.vocabularySize());
    long tensors =
        switch (execution.lossHead()) {
          case KERNELS -> 1;
          case TORCH_SCRIPT -> SCRIPT_HEAD_TENSORS;
        };
    return tensors * SINGLE * Math.min(rows, predicted) * spec.vocabularySize();
  }

  private long activations(Microbatch batch) {
    long hidden = spec.hiddenSize();
    if (execution.trainingMemory().recomputeLayers()) {
      return c() * hidden * (batch.tokens() * spec.layers() + batch.predicted())
          + blockBytes() * batch.tokens();
    }
    return (spec.layers() - 1) * blockBytes() * batch.tokens() + lastBlock(batch);
  }

  /** What a block keeps of a token. */
  private long blockBytes() {
    long q = spec.queryWidth();
    long k = spec.keyValueWidth();
    return c() * (2L * spec.hiddenSize() + 2 * q + 2 * k + 4L * spec.mlpSize())
        + wide() * (2 * q + 2 * k)
        + 2 * normBytes(spec.hiddenSize())
        + (spec.architecture().hasQueryKeyNorm() ? normBytes(q + k) - c() * (q + k) : 0)
        + (long) SINGLE * spec.attentionHeads()
        + adapterBytes();
  }

  /** Of its input in 32 bits, before the gain and after it. */
  private long normBytes(long width) {
    boolean gainLearns = lora.isEmpty();
    return width * (c() + (gainLearns ? c() : 0) + (c() < SINGLE ? SINGLE : 0));
  }

  private long adapterBytes() {
    return lora.map(one -> c() * one.rank() * one.targets().size()).orElse(0L);
  }

  /** Keys and values of every token, all else of the predicted ones. */
  private long lastBlock(Microbatch batch) {
    long everyToken =
        c() * (spec.hiddenSize() + 2L * spec.keyValueWidth())
            + wide() * (wide() > c() ? 2L : 1L) * spec.keyValueWidth()
            + normBytes(spec.hiddenSize());
    long predictedToken =
        c() * (3L * spec.hiddenSize() + 2L * spec.queryWidth() + 4L * spec.mlpSize())
            + wide() * 2L * spec.queryWidth()
            + normBytes(spec.hiddenSize());
    return batch.tokens() * everyToken + batch.predicted() * predictedToken + mask(batch);
  }

  /** The last block's, where only the predicted tokens ask, and its booleans. */
  private long mask(Microbatch batch) {
    return batch.predicted() * spec.groupSize() * batch.length() * (1 + wide());
  }

  /**
   * On the way back: the gradients of a block's MLP's activations, and that of one matrix where it
   * is not added to its sum as it is computed.
   */
  private long layerAtWork(Microbatch batch) {
    boolean own = execution.precision().copiesMasters() && !execution.widensProducts();
    return c() * ((own && lora.isEmpty() ? gateUp() : 0) + batch.tokens() * 5L * spec.mlpSize());
  }

  /** The widest product's matrix, what it is multiplied with, and the result, in 32 bits. */
  private long widenedProduct(long tokens) {
    return execution.widensProducts()
        ? SINGLE * (gateUp() + tokens * (spec.hiddenSize() + 2L * spec.mlpSize()))
        : 0;
  }

  private long gateUp() {
    return 2L * spec.mlpSize() * spec.hiddenSize();
  }

  /** Bytes of a number that is multiplied. */
  private long wide() {
    return execution.widensProducts() ? SINGLE : c();
  }

  private long c() {
    return execution.precision().compute().bytes();
  }
}
