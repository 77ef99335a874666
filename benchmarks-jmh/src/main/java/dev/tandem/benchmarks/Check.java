package dev.tandem.benchmarks;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/** A benchmark whose work gave a wrong result has measured nothing, so it fails. */
final class Check {
  private Check() {}

  @FormatMethod
  static void that(boolean holds, @FormatString String otherwise, Object... values) {
    if (!holds) {
      throw new AssertionError(otherwise.formatted(values));
    }
  }

  static void finite(float[] values) {
    for (float value : values) {
      that(Float.isFinite(value), "a result is %s", value);
    }
  }
}
