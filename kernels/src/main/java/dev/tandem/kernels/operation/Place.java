package dev.tandem.kernels.operation;

/** Whose memory an array lies in. */
public enum Place {
  /** The processor's: off the Java heap, or in a Java array. */
  HOST,
  /**
   * A GPU's. The segment's address is the device's and must never be followed by the processor, so
   * the host backends refuse it.
   */
  DEVICE
}
