package dev.tandem.trainer.model.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What Linux says about the first core.
 *
 * @param vendor as the chip names itself, such as {@code GenuineIntel}; empty where nobody tells
 * @param flags of the instructions it has; empty where nobody tells
 */
public record CpuFacts(String vendor, Set<String> flags) {

  /** Copies the set. */
  public CpuFacts {
    flags = Set.copyOf(flags);
  }

  /** Of this machine; empty where there is no Linux. */
  public static CpuFacts ofThisMachine() {
    return of(Path.of("/proc/cpuinfo"));
  }

  static CpuFacts of(Path told) {
    if (!Files.isReadable(told)) {
      return new CpuFacts("", Set.of());
    }
    try (Stream<String> lines = Files.lines(told)) {
      List<String> first = lines.takeWhile(line -> !line.isBlank()).toList();
      String flags =
          value(first, "flags").or(() -> value(first, "Features")).orElse(""); // x86, Arm
      return new CpuFacts(
          value(first, "vendor_id").orElse(""),
          flags.isEmpty() ? Set.of() : Set.of(flags.split(" +", -1)));
    } catch (IOException e) {
      throw new UncheckedIOException(told + " cannot be read", e);
    }
  }

  private static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.split("[\\t ]*:", 2)[0].equals(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }
}
