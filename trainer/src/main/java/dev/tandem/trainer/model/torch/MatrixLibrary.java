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
  /** Whatever libtorch uses for the device. */
  DEVICE_DEFAULT;

  /**
   * Returns the faster one that exists.
   *
   * @param device where the decoder runs
   * @param architecture the CPU's, as the system property {@code os.arch} names it
   * @param vendor the CPU's, as {@link CpuFacts#vendor} names it
   */
  public static MatrixLibrary fastest(Device device, String architecture, String vendor) {
    return !device.isGpu() && architecture.equals("amd64") && !vendor.equals("GenuineIntel")
        ? ONE_DNN
        : DEVICE_DEFAULT;
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
        ? fastest(Device.cpu(), System.getProperty("os.arch"), CpuFacts.ofThisMachine().vendor())
        : named(asked);
  }

  static MatrixLibrary named(String asked) {
    return Arrays.stream(values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(asked))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s=%s is no matrix library; set it to one_dnn or device_default, or unset it"
                        .formatted(VARIABLE, asked)));
  }

  private static final String VARIABLE = "TANDEM_MATRIX_LIBRARY";
}
