package dev.tandem.benchmarks.measure;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/** A benchmark whose work gave a wrong result has measured nothing, so it fails. */
public final class Check {
  private Check() {}

  /** Fails with the sentence where the condition does not hold. */
  @FormatMethod
  public static void that(boolean holds, @FormatString String otherwise, Object... values) {
    if (!holds) {
      throw new AssertionError(otherwise.formatted(values));
    }
  }

  /** Fails on NaN and infinities. */
  public static void finite(float[] values) {
    for (float value : values) {
      that(Float.isFinite(value), "a result is %s", value);
    }
  }
}
