package dev.tandem.kernels.operation;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks of arguments, each with one sentence that names what is wrong. */
final class Shapes {
  private static final List<ArrayElement> PRECISE = List.of(ArrayElement.F32, ArrayElement.F64);
  private static final List<ArrayElement> LOGITS =
      List.of(ArrayElement.F32, ArrayElement.F64, ArrayElement.BF16);

  private Shapes() {}

  /** Checks an optional or required input. */
  static void input(
      String name, @Nullable Values values, ArrayElement type, long size, Place place) {
    if (values == null) {
      return;
    }
    require(values.type() == type, "%s must be of type %s, was %s", name, type, values.type());
    require(values.size() == size, "%s must have %s entries, had %s", name, size, values.size());
    require(
        values.place() == place,
        "%s must lie in %s memory as the other arrays do, was in %s memory",
        name,
        place,
        values.place());
  }

  /** Checks an optional or required output, which must be writable. */
  static void output(
      String name, @Nullable Values values, ArrayElement type, long size, Place place) {
    input(name, values, type, size, place);
    if (values != null) {
      writable(name, values.segment());
    }
  }

  static void writable(String name, MemorySegment segment) {
    require(!segment.isReadOnly(), "%s is written to, but its segment is read-only", name);
  }

  /** F32 or F64. */
  static void precise(String name, ArrayElement type) {
    oneOf(name, type, PRECISE);
  }

  /** F32, F64 or BF16. */
  static void logits(Matrix logits) {
    oneOf("logits", logits.type(), LOGITS);
    require(
        logits.columns() <= Integer.MAX_VALUE,
        "logits must have at most %s columns, had %s",
        Integer.MAX_VALUE,
        logits.columns());
  }

  /** The type of figures per token that come out of logits: F64 for F64, otherwise F32. */
  static ArrayElement perToken(ArrayElement logits) {
    return logits == ArrayElement.F64 ? ArrayElement.F64 : ArrayElement.F32;
  }

  /** Two arrays share no memory. */
  static void apart(
      String output, @Nullable Values written, String other, @Nullable Values values) {
    if (written != null && values != null) {
      apart(output, written.segment(), other, values.segment());
    }
  }

  static void apart(String output, MemorySegment written, String other, MemorySegment segment) {
    require(
        written.asOverlappingSlice(segment).isEmpty(),
        "%s must share no memory with %s: give it an array of its own",
        output,
        other);
  }

  /** An output that may be the very input, but must not overlap it otherwise. */
  static void sameOrApart(String output, Values written, String other, Values values) {
    boolean same =
        written.segment().address() == values.segment().address()
            && written.segment().heapBase().equals(values.segment().heapBase());
    if (!same) {
      apart(output, written, other, values);
    }
  }

  static void temperature(double temperature) {
    require(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be finite and above 0, was %s",
        temperature);
  }

  static void epsilon(double epsilon) {
    require(
        epsilon >= 0 && Double.isFinite(epsilon),
        "epsilon must be finite and at least 0, was %s",
        epsilon);
  }

  /** Checks that every id names a column. */
  static void checkIds(Values ids, long columns) {
    for (long row = 0; row < ids.size(); row++) {
      long id = ids.getLong(row);
      if (id < 0 || id >= columns) {
        throw new IllegalArgumentException(
            "token id of row %d must be in [0, %d), was %d".formatted(row, columns, id));
      }
    }
  }

  @FormatMethod
  static void require(boolean holds, @FormatString String otherwise, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise.formatted(values));
    }
  }

  private static void oneOf(String name, ArrayElement type, List<ArrayElement> allowed) {
    require(
        allowed.contains(type),
        "%s must be of type %s, was %s",
        name,
        allowed.stream().map(Enum::name).collect(Collectors.joining(" or ")),
        type);
  }
}
