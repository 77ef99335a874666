package dev.tandem.kernels.cuda;

/** A call into the CUDA driver failed; the message names the call and the driver's own words. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int code;

  CudaException(String message, int code) {
    super(message);
    this.code = code;
  }

  /** The driver's {@code CUresult}. */
  public int code() {
    return code;
  }
}
