package dev.tandem.benchmarks.kernels.program;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The command line of both programs.
 *
 * @param provider {@code cuda}, {@code vector} or {@code scalar}; empty for the best there is
 * @param json where to write the results
 * @param quick less of everything
 * @param sizes the sizes to verify; empty for all
 * @param python the Python with torch to compare with
 */
record Arguments(
    Optional<String> provider,
    Optional<Path> json,
    boolean quick,
    List<Integer> sizes,
    Optional<String> python) {
  static final String HELP =
      """
      usage: %s [--provider cuda|vector|scalar] [--json FILE] [--quick] %s

        --provider   the backend; without it the GPU, or the CPU where there is no driver
        --json FILE  write the results as one JSON object too
        --quick      less of everything: seconds instead of minutes
      %s
      exit codes: 0 ok, 1 failed, 2 usage, 69 missing prerequisite
      """;

  /**
   * Parses a command line.
   *
   * @throws UsageException naming the argument that is wrong
   */
  static Arguments parse(String... arguments) {
    Optional<String> provider = Optional.empty();
    Optional<Path> json = Optional.empty();
    Optional<String> python = Optional.empty();
    List<Integer> sizes = List.of();
    boolean quick = false;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--provider" -> provider = Optional.of(known(value(arguments, i++)));
        case "--json" -> json = Optional.of(Path.of(value(arguments, i++)));
        case "--pytorch" -> python = Optional.of(value(arguments, i++));
        case "--sizes" -> sizes = sizes(value(arguments, i++));
        case "--quick" -> quick = true;
        default ->
            throw new UsageException(
                "unknown argument '%s'; --help lists them".formatted(arguments[i]));
      }
    }
    return new Arguments(provider, json, quick, sizes, python);
  }

  private static String value(String[] arguments, int option) {
    if (option + 1 == arguments.length) {
      throw new UsageException(arguments[option] + " needs a value; --help says which");
    }
    return arguments[option + 1];
  }

  private static String known(String provider) {
    if (!List.of("cuda", "vector", "scalar").contains(provider)) {
      throw new UsageException(
          "--provider must be cuda, vector or scalar, was '%s'".formatted(provider));
    }
    return provider;
  }

  private static List<Integer> sizes(String list) {
    try {
      return Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
    } catch (NumberFormatException mistake) {
      throw new UsageException(
          "--sizes must be numbers with commas between them, was '%s'".formatted(list));
    }
  }

  /** The command line is wrong; the message says how. */
  static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }
}
