package dev.tandem.trainer.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most physical memory this process has held, native tensors included. */
public final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern HIGH_WATER_MARK =
      Pattern.compile("^VmHWM:\\s+(\\d+)\\s+kB$", Pattern.MULTILINE);

  private PeakMemory() {}

  /** The peak resident set in mebibytes; empty where the kernel does not tell (not Linux). */
  public static OptionalLong megabytes() {
    return megabytes(STATUS);
  }

  static OptionalLong megabytes(Path status) {
    try {
      Matcher peak = HIGH_WATER_MARK.matcher(Files.readString(status));
      return peak.find()
          ? OptionalLong.of(Long.parseLong(peak.group(1)) / 1024)
          : OptionalLong.empty();
    } catch (IOException absent) {
      return OptionalLong.empty();
    }
  }
}
