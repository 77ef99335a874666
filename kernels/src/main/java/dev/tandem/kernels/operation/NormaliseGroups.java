package dev.tandem.kernels.operation;

/**
 * Makes values relative to their groups, which lie end to end and may have any size. With mean and
 * sample standard deviation (n - 1) of the group, by {@code how}:
 *
 * <ul>
 *   <li>{@code (v - mean) / (std + epsilon)}: GRPO, arXiv 2402.03300, section 4.1
 *   <li>{@code v - mean}: Dr. GRPO, arXiv 2503.20783
 *   <li>{@code v - mean of the others = (v - mean) n / (n - 1)}: RLOO, arXiv 2402.14740
 * </ul>
 *
 * <p>A group of fewer than two members (none included), or of equal values, is without signal and
 * becomes exactly 0. In a larger group NaN and infinities follow the formula; other groups are not
 * affected. Backends may multiply by the reciprocal of what the formula divides by.
 *
 * @param values {@code [values]}
 * @param offsets {@code [groups + 1]} I32, from 0 to the number of values, never falling; group g
 *     is {@code [offsets[g], offsets[g + 1])}
 * @param how the formula
 * @param epsilon added to the standard deviation, at least 0; the other formulas do not read it
 * @param normalised {@code [values]}, written; may be {@code values} itself
 * @param withoutSignal {@code [1]} I64, written: how many groups became 0
 */
public record NormaliseGroups(
    Values values,
    Values offsets,
    GroupNormalisation how,
    double epsilon,
    Values normalised,
    Values withoutSignal)
    implements Operation {
  /** Checks shapes and types. */
  public NormaliseGroups {
    Shapes.precise("values", values.type());
    Shapes.require(offsets.size() >= 1, "offsets must have at least 1 entry, had 0");
    Shapes.input("offsets", offsets, ArrayElement.I32, offsets.size(), values.place());
    Shapes.epsilon(epsilon);
    Shapes.output("normalised", normalised, values.type(), values.size(), values.place());
    Shapes.output("withoutSignal", withoutSignal, ArrayElement.I64, 1, values.place());
    Shapes.sameOrApart("normalised", normalised, "values", values);
    Shapes.apart("normalised", normalised, "offsets", offsets);
    Shapes.apart("withoutSignal", withoutSignal, "normalised", normalised);
  }

  /** The number of groups, empty ones included. */
  public long groups() {
    return offsets.size() - 1;
  }

  @Override
  public Place place() {
    return values.place();
  }

  @Override
  public void checkContents() {
    long end = offsets.getLong(groups());
    if (offsets.getLong(0) != 0 || end != values.size()) {
      throw new IllegalArgumentException(
          "offsets must start at 0 and end at the number of values, %d; were from %d to %d"
              .formatted(values.size(), offsets.getLong(0), end));
    }
    for (long group = 0; group < groups(); group++) {
      long from = offsets.getLong(group);
      long to = offsets.getLong(group + 1);
      if (to < from) {
        throw new IllegalArgumentException(
            "offsets must not fall, fell from %d to %d at entry %d".formatted(from, to, group + 1));
      }
    }
  }
}
