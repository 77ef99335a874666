package dev.tandem.trainer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A figure over rounds.
 *
 * @param unit of its values, as the axis says it
 * @param meaning what it tells, in a sentence or two, as HTML
 * @param stacked whether the series add up, and are bars
 * @param marked whether new harness versions and notes are marked in it
 */
record Chart(
    String title,
    String unit,
    String meaning,
    Kind kind,
    Range range,
    boolean stacked,
    boolean marked,
    List<Series> series) {
  Chart {
    series = List.copyOf(series);
  }

  /** How a value is written. */
  enum Kind {
    SHARE,
    NUMBER,
    SECONDS;

    /** With its unit where that is short. */
    String figure(double value) {
      return switch (this) {
        case SHARE -> Figures.percent(value);
        case NUMBER -> Figures.number(value);
        case SECONDS -> Figures.number(value) + " s";
      };
    }

    /**
     * At an axis, which has the unit.
     *
     * @param step from one value to the next
     */
    List<String> ticks(List<Double> values, double step) {
      return switch (this) {
        case SHARE ->
            Figures.ticks(values.stream().map(share -> 100 * share).toList(), 100 * step).stream()
                .map(label -> label + "%")
                .toList();
        case NUMBER, SECONDS -> Figures.ticks(values, step);
      };
    }
  }

  /** Where an axis begins and ends. */
  enum Range {
    /** From 0 to 1. */
    SHARE,
    FROM_ZERO,
    AS_IT_COMES
  }

  /** How a series is drawn. */
  enum Form {
    /** Measured in every round: a missing value is a gap. */
    LINE,
    /** Measured in some rounds on purpose: points, with a thin line between them. */
    NOW_AND_THEN,
    POINTS
  }

  /** A confidence interval; NaN where there is none. */
  record Interval(double low, double high) {
    boolean isKnown() {
      return !Double.isNaN(low) && !Double.isNaN(high);
    }

    String words() {
      return isKnown()
          ? ", 95%% interval %s to %s".formatted(Figures.percent(low), Figures.percent(high))
          : "";
    }
  }

  /**
   * A curve.
   *
   * @param values by round; empty where nothing was measured
   * @param intervals by round, or none at all
   */
  record Series(
      String label,
      String colour,
      Form form,
      List<OptionalDouble> values,
      List<Interval> intervals) {
    Series {
      values = List.copyOf(values);
      intervals = List.copyOf(intervals);
    }

    boolean isEmpty() {
      return values.stream().allMatch(OptionalDouble::isEmpty);
    }

    OptionalDouble latest() {
      return values.reversed().stream()
          .filter(OptionalDouble::isPresent)
          .findFirst()
          .orElse(OptionalDouble.empty());
    }
  }

  /** The values that the axis must hold. */
  List<Double> extremes() {
    List<Double> extremes = new ArrayList<>();
    if (stacked) {
      for (int i = 0; i < series.getFirst().values().size(); i++) {
        double sum = 0;
        for (Series one : series) {
          sum += one.values().get(i).orElse(0);
        }
        extremes.add(sum);
      }
    } else {
      for (Series one : series) {
        one.values().stream()
            .filter(OptionalDouble::isPresent)
            .forEach(value -> extremes.add(value.getAsDouble()));
      }
    }
    return extremes;
  }
}
