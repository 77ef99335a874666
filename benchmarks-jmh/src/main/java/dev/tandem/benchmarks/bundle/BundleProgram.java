package dev.tandem.benchmarks.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The process behind {@code tandem bundle}. Its arguments are the archive to write and, for the
 * trainer's, the command line's class path and {@code javascript} or {@code plain}. On standard
 * output it says {@code step NAME} as each step begins, and {@code failed SENTENCE} if it ends with
 * another status than 0.
 */
public final class BundleProgram {
  private static final int FAILED = 1;
  private static final int MISSING_PREREQUISITE = 69;

  private BundleProgram() {}

  /** Runs the process. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) throws InterruptedException {
    Path file = Path.of(arguments[0]);
    Path javaHome = Path.of(System.getProperty("java.home"));
    Consumer<String> step = name -> System.out.println("step " + name);
    try {
      if (arguments.length == 1) {
        KernelsBundle.write(file, javaHome, step);
      } else {
        TrainerBundle.write(file, javaHome, arguments[1], arguments[2].equals("javascript"), step);
      }
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
