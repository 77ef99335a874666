package dev.tandem.trainer.model.torch;

import ai.djl.Device;

/**
 * How a decoder uses its machine. Results depend on nothing here but {@code precision} and, in the
 * last bits, {@code device}, the chunk sizes, {@code matrixLibrary}, {@code bfloat16Products},
 * {@code trainingMemory}, {@code lossHead} and, where it binds, {@code cacheBytes}; they never
 * depend on {@code workers} or on timing.
 *
 * @param device where weights live
 * @param workers Java threads that run different chunks of a batch at the same time
 * @param threadsPerWorker libtorch threads inside one operator
 * @param trainingChunkTokens padded tokens in one chunk of a differentiated or scored batch
 * @param samplingChunkTokens padded prompt tokens in one chunk of a sampled batch
 * @param matrixLibrary who multiplies matrices in 32 bits
 * @param precision the arithmetic
 * @param trainingMemory how training trades memory for time
 * @param bfloat16Products how matrices are multiplied in {@link Precision#BFLOAT16}
 * @param lossHead who computes log-probabilities from logits; {@link LossHead#TORCH_SCRIPT} where
 *     device or precision leave no choice
 * @param cacheBytes most memory of the keys and values of running batches; 0 for {@link
 *     CacheBudget}
 */
public record Execution(
    Device device,
    int workers,
    int threadsPerWorker,
    int trainingChunkTokens,
    int samplingChunkTokens,
    MatrixLibrary matrixLibrary,
    Precision precision,
    TrainingMemory trainingMemory,
    Bfloat16Products bfloat16Products,
    LossHead lossHead,
    long cacheBytes) {

  /** Weights from which on a model is large. */
  private static final long LARGE = 250_000_000;

  private static final int GPU_TRAINING_TOKENS = 65_536;
  private static final int GPU_SAMPLING_TOKENS = 131_072;

  /** Checks the counts. */
  public Execution {
    lossHead = lossHead.where(device, precision);
    requirePositive("workers", workers);
    requirePositive("threadsPerWorker", threadsPerWorker);
    requirePositive("trainingChunkTokens", trainingChunkTokens);
    requirePositive("samplingChunkTokens", samplingChunkTokens);
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("cacheBytes must not be negative, was " + cacheBytes);
    }
  }

  /** In 32 bits, with the usual trade of memory for time. */
  public Execution(
      Device device,
      int workers,
      int threadsPerWorker,
      int trainingChunkTokens,
      int samplingChunkTokens,
      MatrixLibrary matrixLibrary) {
    this(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        Precision.FLOAT32,
        TrainingMemory.defaults(device),
        Bfloat16Products.fastest(device, CpuFacts.ofThisMachine()),
        LossHead.ofThisCpu(),
        /* cacheBytes= */ 0);
  }

  /**
   * Returns the setting for small models on a CPU: one operator on one thread, chunks that stay in
   * the core's cache.
   *
   * @param workers threads, normally the number of cores
   */
  public static Execution cpu(int workers) {
    return cpu(workers, 4096);
  }

  /**
   * Like {@link #cpu(int)} with another chunk size.
   *
   * @param chunkTokens padded tokens in one chunk
   */
  public static Execution cpu(int workers, int chunkTokens) {
    return new Execution(
        Device.cpu(), workers, 1, chunkTokens, chunkTokens, MatrixLibrary.ofThisCpu());
  }

  /**
   * Returns the setting for a GPU: chunks that fill it, in one stream of large operators.
   *
   * @param index of the device
   */
  public static Execution gpu(int index) {
    return new Execution(
        Device.gpu(index),
        /* workers= */ 1,
        /* threadsPerWorker= */ 1,
        GPU_TRAINING_TOKENS,
        GPU_SAMPLING_TOKENS,
        MatrixLibrary.DEVICE_DEFAULT);
  }

  /** Whether a model of so many weights fills the machine with one operator. */
  public static boolean isLarge(long parameters) {
    return parameters > LARGE;
  }

  /**
   * The same as a model of so many weights is best computed. A large one runs an operator on all
   * threads: a worker more would be another chunk's activations in memory. And libtorch multiplies
   * its matrices: oneDNN, in 32 bits, reads weights in a layout of its own, which is a copy of them
   * all or of each one in every call, and keeps inputs and outputs of a differentiated product
   * twice.
   */
  public Execution suited(long parameters) {
    return isLarge(parameters)
        ? new Execution(
            device,
            1,
            workers * threadsPerWorker,
            trainingChunkTokens,
            samplingChunkTokens,
            MatrixLibrary.DEVICE_DEFAULT,
            precision,
            trainingMemory,
            bfloat16Products,
            lossHead,
            cacheBytes)
        : this;
  }

  /** The same in another arithmetic. */
  public Execution withPrecision(Precision other) {
    return new Execution(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        other,
        trainingMemory,
        bfloat16Products,
        lossHead,
        cacheBytes);
  }

  /** The same with another trade of memory for time. */
  public Execution withTrainingMemory(TrainingMemory other) {
    return new Execution(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        precision,
        other,
        bfloat16Products,
        lossHead,
        cacheBytes);
  }

  /** The same with another loss head, where it can be had. */
  public Execution withLossHead(LossHead other) {
    return new Execution(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        precision,
        trainingMemory,
        bfloat16Products,
        other,
        cacheBytes);
  }

  /** The same with another way to multiply matrices of bfloat16. */
  public Execution withBfloat16Products(Bfloat16Products other) {
    return new Execution(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        precision,
        trainingMemory,
        other,
        lossHead,
        cacheBytes);
  }

  /** Whether a product's matrices are made wider for as long as it takes. */
  public boolean widensProducts() {
    return precision == Precision.BFLOAT16 && bfloat16Products == Bfloat16Products.WIDENED;
  }

  /** Whether sampling reads weights in oneDNN's layout. */
  public boolean packsSampling() {
    return precision == Precision.FLOAT32 && matrixLibrary.packs();
  }

  /** The same with another bound on keys and values; 0 for what suits the machine. */
  public Execution withCacheBytes(long bytes) {
    return new Execution(
        device,
        workers,
        threadsPerWorker,
        trainingChunkTokens,
        samplingChunkTokens,
        matrixLibrary,
        precision,
        trainingMemory,
        bfloat16Products,
        lossHead,
        bytes);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }
}
