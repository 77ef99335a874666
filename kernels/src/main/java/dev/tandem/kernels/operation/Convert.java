package dev.tandem.kernels.operation;

/**
 * Converts between F32 and BF16. To BF16 by rounding to nearest, ties to even, as {@link
 * BFloat16#fromFloat}; NaN stays NaN (sign and upper bits kept, made quiet), numbers too large
 * become infinite, and denormals are rounded like any other number. To F32 exactly.
 *
 * @param from {@code [values]} F32 or BF16
 * @param to {@code [values]} the other type, written
 */
public record Convert(Values from, Values to) implements Operation {
  /** Checks shapes and types. */
  public Convert {
    ArrayElement other =
        switch (from.type()) {
          case F32 -> ArrayElement.BF16;
          case BF16 -> ArrayElement.F32;
          case F64, I32, I64, BOOL ->
              throw new IllegalArgumentException(
                  "from must be of type F32 or BF16, was " + from.type());
        };
    Shapes.output("to", to, other, from.size(), from.place());
    Shapes.apart("to", to, "from", from);
  }

  @Override
  public Place place() {
    return from.place();
  }
}
