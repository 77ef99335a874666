package dev.tandem.benchmarks.kernels.program;

import dev.tandem.kernels.cuda.CudaCapabilities;
import dev.tandem.kernels.cuda.CudaException;
import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.cuda.CudaProbe;
import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.scalar.ScalarKernels;
import dev.tandem.kernels.vector.VectorKernels;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What both programs share: how they start, choose a backend, fail and write. */
final class Program {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int MISSING_PREREQUISITE = 69;

  /** What a program does; the answer is whether all went well. */
  @FunctionalInterface
  interface Body {
    boolean run(Arguments arguments, KernelProvider provider) throws IOException;
  }

  private Program() {}

  /**
   * Runs a program and answers the exit status.
   *
   * @param options the program's own options, for the usage line
   * @param optionHelp what they mean
   */
  static int run(String name, String options, String optionHelp, String[] commandLine, Body body) {
    if (List.of(commandLine).contains("--help")) {
      System.out.printf(Arguments.HELP, name, options, optionHelp);
      return OK;
    }
    try {
      Arguments arguments = Arguments.parse(commandLine);
      try (KernelProvider provider = provider(arguments)) {
        System.out.println("provider: " + provider.name());
        return body.run(arguments, provider) ? OK : FAILED;
      }
    } catch (Arguments.UsageException mistake) {
      System.err.println(name + ": " + mistake.getMessage());
      return USAGE;
    } catch (MissingException missing) {
      System.err.println(name + ": " + missing.getMessage());
      return MISSING_PREREQUISITE;
    } catch (IOException | CudaException failure) {
      System.err.println(name + ": " + failure.getMessage());
      return FAILED;
    }
  }

  private static KernelProvider provider(Arguments arguments) {
    return switch (arguments.provider().orElse("")) {
      case "scalar" -> new ScalarKernels();
      case "vector" -> new VectorKernels();
      case "cuda" ->
          switch (CudaCapabilities.of(CudaProbe.take())) {
            case CudaCapabilities.Usable usable -> new CudaKernels(usable);
            case CudaCapabilities.Refused refused -> throw new MissingException(refused.reason());
          };
      default ->
          switch (CudaCapabilities.of(CudaProbe.take())) {
            case CudaCapabilities.Usable usable -> new CudaKernels(usable);
            case CudaCapabilities.Refused refused -> {
              System.out.println("No GPU: " + refused.reason());
              System.out.println("This run uses the CPU and says nothing about the CUDA kernels.");
              yield new VectorKernels();
            }
          };
    };
  }

  /** Writes a whole file or nothing. */
  static void write(Path file, String text) throws IOException {
    Path target = file.toAbsolutePath();
    Path part = target.resolveSibling(target.getFileName() + ".part");
    Files.writeString(part, text, StandardCharsets.UTF_8);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The machine lacks something; the message says what. */
  private static final class MissingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MissingException(String message) {
      super(message);
    }
  }
}
