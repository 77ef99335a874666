package dev.tandem.kernels.operation;

/** What the elements of an array are, in the machine's byte order. */
public enum ArrayElement {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64. */
  F64(8),
  /** The upper half of a binary32: 8 bits of exponent, 7 of fraction. */
  BF16(2),
  /** Signed, for token ids and offsets. */
  I32(4),
  /** Signed, for seeds, positions and counts. */
  I64(8),
  /** A byte, of which 0 is false and everything else true. */
  BOOL(1);

  private final int bytes;

  ArrayElement(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element. */
  public int bytes() {
    return bytes;
  }
}
