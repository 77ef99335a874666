package dev.tandem.trainer.model.file;

/**
 * How weights are written.
 *
 * @param type of every tensor's elements: F32, F16 or BF16; rounding is to nearest even
 * @param maxShardBytes most bytes of tensors in one file; above it the weights are sharded
 */
public record WeightFormat(ElementType type, long maxShardBytes) {

  /** The shard size that Hugging Face's own writers use. */
  public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

  /** Single precision in one file: what a run resumes from. */
  public static final WeightFormat SINGLE = new WeightFormat(ElementType.F32, Long.MAX_VALUE);

  /** Checks the ranges. */
  public WeightFormat {
    if (type == ElementType.F64) {
      throw new IllegalArgumentException("type must be F32, F16 or BF16, was F64");
    }
    if (maxShardBytes < 1) {
      throw new IllegalArgumentException("maxShardBytes must be at least 1, was " + maxShardBytes);
    }
  }
}
