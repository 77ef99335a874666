package dev.tandem.trainer.model.file;

import ai.djl.ndarray.types.DataType;

/** Element types of tensors in files and in native memory, by safetensors' names. */
public enum ElementType {
  /** IEEE double precision. */
  F64("float64", Double.BYTES, 7, DataType.FLOAT64),
  /** IEEE single precision. */
  F32("float32", Float.BYTES, 6, DataType.FLOAT32),
  /** IEEE half precision. */
  F16("float16", Short.BYTES, 5, DataType.FLOAT16),
  /** The upper half of a single. */
  BF16("bfloat16", Short.BYTES, 15, DataType.FLOAT16);

  private final String torchName;
  private final int bytes;
  private final int torchCode;
  private final DataType carrier;

  ElementType(String torchName, int bytes, int torchCode, DataType carrier) {
    this.torchName = torchName;
    this.bytes = bytes;
    this.torchCode = torchCode;
    this.carrier = carrier;
  }

  /** What config.json calls it: {@code float32}, {@code bfloat16}, ... */
  public String torchName() {
    return torchName;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** What a TorchScript program calls it. */
  public int torchCode() {
    return torchCode;
  }

  /**
   * A type of the same width that DJL can name; it has no bfloat16, whose bits travel as halves.
   */
  public DataType carrier() {
    return carrier;
  }
}
