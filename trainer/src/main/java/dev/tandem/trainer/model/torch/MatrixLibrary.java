package dev.tandem.trainer.model.torch;

import ai.djl.Device;

/** Who multiplies matrices. */
public enum MatrixLibrary {
  /**
   * oneDNN, on x86 CPUs: it uses AVX-512 on every vendor's chips, where the BLAS inside libtorch
   * stops at AVX2 on some.
   */
  ONE_DNN,
  /** Whatever libtorch uses for the device. */
  DEVICE_DEFAULT;

  /**
   * Returns the faster one that exists.
   *
   * @param device where the decoder runs
   * @param architecture the CPU's, as the system property {@code os.arch} names it
   */
  public static MatrixLibrary fastest(Device device, String architecture) {
    return !device.isGpu() && architecture.equals("amd64") ? ONE_DNN : DEVICE_DEFAULT;
  }
}
