package dev.tandem.benchmarks.bundle;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The process behind {@code tandem bundle}: its argument is the archive to write. On standard
 * output it says {@code step NAME} as each step begins, and {@code failed SENTENCE} if it ends with
 * another status than 0.
 */
public final class BundleProgram {
  private static final int FAILED = 1;
  private static final int MISSING_PREREQUISITE = 69;

  private BundleProgram() {}

  /** Runs the process. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(Path.of(arguments[0])));
  }

  private static int run(Path file) throws InterruptedException {
    try {
      KernelsBundle.write(
          file,
          Path.of(System.getProperty("java.home")),
          step -> System.out.println("step " + step));
      return 0;
    } catch (BundleException missing) {
      System.out.println("failed " + missing.getMessage());
      return MISSING_PREREQUISITE;
    } catch (IOException failure) {
      System.out.println("failed the bundle could not be written: " + failure.getMessage());
      return FAILED;
    }
  }
}
