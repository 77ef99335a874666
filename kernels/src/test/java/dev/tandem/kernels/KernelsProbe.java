package dev.tandem.kernels;

/** Prints what a JVM started with other flags chooses. */
final class KernelsProbe {
  private KernelsProbe() {}

  public static void main(String[] arguments) {
    System.out.println("best: " + Kernels.best().name());
    System.out.println("again: " + Kernels.best().name());
    try {
      Kernels.on(KernelBackend.VECTOR_API);
    } catch (UnsupportedBackendException refusal) {
      System.out.println("refused: " + refusal.backend());
    }
  }
}
