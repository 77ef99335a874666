package dev.tandem.aegis.plan;

import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which other values of a parameter are in reach of a single edit. */
public final class ParameterValues {
  private ParameterValues() {}

  /**
   * The flag flipped, the other choices, the number doubled and halved; none of free text.
   *
   * @param now the value it has
   */
  public static List<Object> alternatives(Parameter parameter, Object now) {
    return switch (parameter) {
      case Parameter.Flag ignored -> List.of(!(Boolean) now);
      case Parameter.Choice choice ->
          choice.options().stream()
              .<Object>map(option -> option)
              .filter(o -> !o.equals(now))
              .toList();
      case Parameter.Count count -> {
        int value = (Integer) now;
        SortedSet<Integer> values = new TreeSet<>();
        values.add(Math.clamp(Math.max(1L, 2L * value), count.minimum(), count.maximum()));
        values.add(Math.clamp(value / 2, count.minimum(), count.maximum()));
        values.remove(value);
        yield List.copyOf(values);
      }
      case Parameter.Decimal decimal -> {
        double value = ((Number) now).doubleValue();
        SortedSet<Double> values = new TreeSet<>();
        values.add(Math.clamp(2 * value, decimal.minimum(), decimal.maximum()));
        values.add(Math.clamp(value / 2, decimal.minimum(), decimal.maximum()));
        values.remove(value);
        yield List.copyOf(values);
      }
      case Parameter.Text ignored -> List.of();
      case Parameter.Texts ignored -> List.of();
      case Parameter.Label ignored -> List.of();
    };
  }
}
