package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import java.util.Arrays;
import java.util.Locale;

/** Who multiplies matrices. */
public enum MatrixLibrary {
  /**
   * oneDNN, which copies the weights into its own layout for every product: it uses AVX-512 on
   * every vendor's chips, where the BLAS inside libtorch stops at AVX2 on those that are not
   * Intel's.
   */
  ONE_DNN,
  /**
   * oneDNN, but what is added to sums is multiplied by the BLAS inside libtorch, which adds as it
   * multiplies: the faster pair where both stop at AVX2.
   */
  ONE_DNN_AND_BLAS,
  /** Whatever libtorch uses for the device. */
  DEVICE_DEFAULT;

  /**
   * Returns the fastest that exists.
   *
   * @param device where the decoder runs
   * @param architecture the CPU's, as the system property {@code os.arch} names it
   * @param cpu its vendor and instructions
   */
  public static MatrixLibrary fastest(Device device, String architecture, CpuFacts cpu) {
    if (device.isGpu() || !architecture.equals("amd64") || cpu.vendor().equals("GenuineIntel")) {
      return DEVICE_DEFAULT;
    }
    return cpu.flags().isEmpty() || cpu.flags().contains("avx512f") ? ONE_DNN : ONE_DNN_AND_BLAS;
  }

  /** Whether oneDNN multiplies by weights, in a layout of its own. */
  public boolean packs() {
    return switch (this) {
      case ONE_DNN, ONE_DNN_AND_BLAS -> true;
      case DEVICE_DEFAULT -> false;
    };
  }

  /**
   * The one for this machine's CPU: as the environment variable {@value #VARIABLE} says, in lower
   * case, else the fastest.
   *
   * @throws IllegalArgumentException when the variable names none
   */
  static MatrixLibrary ofThisCpu() {
    String asked = System.getenv(VARIABLE);
    return asked == null || asked.isEmpty()
        ? fastest(Device.cpu(), System.getProperty("os.arch"), CpuFacts.ofThisMachine())
        : named(asked);
  }

  static MatrixLibrary named(String asked) {
    return Arrays.stream(values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(asked))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    ("%s=%s is no matrix library; set it to one_dnn, one_dnn_and_blas or"
                            + " device_default, or unset it")
                        .formatted(VARIABLE, asked)));
  }

  private static final String VARIABLE = "TANDEM_MATRIX_LIBRARY";
}
