package dev.tandem.trainer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Draws a chart as SVG that needs no script. It is drawn at the width that it has on a phone and in
 * a column of a wide page alike, so that its letters are of one size on both. A line is broken
 * where a value is missing: what was not measured is neither zero nor what lies between its
 * neighbours.
 */
final class Plot {
  private static final double WIDTH = 380;
  private static final double HEIGHT = 214;
  private static final double LEFT = 46;
  private static final double RIGHT = 370;
  private static final double TOP = 24;
  private static final double BOTTOM = 178;
  private static final int MOST_ROUND_TICKS = 8;

  /** With more rounds than this, only the table has the numbers of each. */
  private static final int MOST_HINTS = 120;

  private final Chart chart;
  private final List<Integer> rounds;
  private final List<Mark> marks;
  private final double first;
  private final double last;
  private final Scale scale;
  private final StringBuilder svg = new StringBuilder(4096);

  /**
   * @param rounds of the chart's values, ascending; at least one
   * @param marks what is marked at rounds, in all charts that say they show marks
   */
  Plot(Chart chart, List<Integer> rounds, List<Mark> marks) {
    this.chart = chart;
    this.rounds = rounds;
    this.marks = marks;
    double margin = chart.stacked() || rounds.size() == 1 ? 0.6 : 0;
    this.first = rounds.getFirst() - margin;
    this.last = rounds.getLast() + margin;
    this.scale = Scale.of(chart);
  }

  /**
   * Something to see at a round.
   *
   * @param version a new harness version, as a line with its name; else the number of a note
   */
  record Mark(int round, String label, boolean version) {}

  String svg() {
    svg.append(
        "<svg class=\"plot\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">"
            .formatted(shown(WIDTH), shown(HEIGHT), Html.text(spoken())));
    grid();
    if (chart.marked()) {
      marks.stream().filter(Mark::version).forEach(this::mark);
    }
    if (chart.stacked()) {
      bars();
    } else {
      chart.series().forEach(this::series);
    }
    if (chart.marked()) {
      marks.stream().filter(mark -> !mark.version()).forEach(this::mark);
    }
    return svg.append("</svg>").toString();
  }

  private String spoken() {
    return "%s, %s, by round %d to %d"
        .formatted(chart.title(), chart.unit(), rounds.getFirst(), rounds.getLast());
  }

  private void grid() {
    svg.append(
        "<text class=\"unit\" x=\"2\" y=\"11\">%s</text>".formatted(Html.text(chart.unit())));
    List<Double> ticks = scale.ticks();
    List<String> labels = chart.kind().ticks(ticks, scale.step());
    for (int i = 0; i < ticks.size(); i++) {
      double tick = ticks.get(i);
      String y = shown(y(tick));
      svg.append(
          "<line class=\"grid\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
              .formatted(shown(LEFT), y, shown(RIGHT), y));
      svg.append(
          "<text class=\"tick\" text-anchor=\"end\" x=\"%s\" y=\"%s\">%s</text>"
              .formatted(shown(LEFT - 6), shown(y(tick) + 4), labels.get(i)));
    }
    int step = 1;
    for (int next = 1; (rounds.getLast() - rounds.getFirst()) / step >= MOST_ROUND_TICKS; next++) {
      int power = next / 3;
      step = List.of(1, 2, 5).get(next % 3) * (int) Math.pow(10, power);
    }
    for (int round = rounds.getFirst(); round <= rounds.getLast(); round++) {
      if (round % step == 0) {
        svg.append(
            "<text class=\"tick\" text-anchor=\"middle\" x=\"%s\" y=\"%s\">%d</text>"
                .formatted(shown(x(round)), shown(BOTTOM + 15), round));
      }
    }
    svg.append(
        "<text class=\"unit\" text-anchor=\"end\" x=\"%s\" y=\"%s\">round</text>"
            .formatted(shown(RIGHT), shown(BOTTOM + 31)));
  }

  private void mark(Mark mark) {
    String x = shown(x(mark.round()));
    if (mark.version()) {
      svg.append(
          "<line class=\"version\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
              .formatted(x, shown(TOP), x, shown(BOTTOM)));
      svg.append(
          "<text class=\"version\" text-anchor=\"middle\" x=\"%s\" y=\"%s\">%s</text>"
              .formatted(x, shown(TOP - 3), Html.text(mark.label())));
    } else {
      svg.append(
          "<text class=\"mark\" text-anchor=\"middle\" x=\"%s\" y=\"%s\">%s</text>"
              .formatted(x, shown(BOTTOM - 4), Html.text(mark.label())));
    }
  }

  private void series(Chart.Series series) {
    if (!series.form().equals(Chart.Form.POINTS)) {
      lines(series);
    }
    for (int i = 0; i < rounds.size(); i++) {
      if (series.values().get(i).isPresent()) {
        point(series, i, series.values().get(i).getAsDouble());
      }
    }
  }

  /** A line for each stretch of values without a gap; measured now and then is no gap. */
  private void lines(Chart.Series series) {
    List<String> stretch = new ArrayList<>();
    for (int i = 0; i < rounds.size(); i++) {
      OptionalDouble value = series.values().get(i);
      if (value.isPresent()) {
        stretch.add(shown(x(rounds.get(i))) + "," + shown(y(value.getAsDouble())));
      } else if (series.form() == Chart.Form.LINE) {
        line(series, stretch);
        stretch.clear();
      }
    }
    line(series, stretch);
  }

  private void line(Chart.Series series, List<String> points) {
    if (points.size() > 1) {
      svg.append(
          "<polyline class=\"line %s%s\" points=\"%s\"/>"
              .formatted(
                  series.colour(),
                  series.form() == Chart.Form.NOW_AND_THEN ? " thin" : "",
                  String.join(" ", points)));
    }
  }

  private void point(Chart.Series series, int index, double value) {
    String x = shown(x(rounds.get(index)));
    Chart.Interval interval = series.intervals().isEmpty() ? null : series.intervals().get(index);
    if (interval != null && interval.isKnown()) {
      svg.append(
          "<line class=\"error %s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
              .formatted(
                  series.colour(), x, shown(y(interval.low())), x, shown(y(interval.high()))));
    }
    boolean visible = series.form() != Chart.Form.LINE || isAlone(series, index);
    if (!visible && rounds.size() > MOST_HINTS) {
      return;
    }
    svg.append(
        "<circle class=\"%s %s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>"
            .formatted(
                visible ? "point" : "hint",
                series.colour(),
                x,
                shown(y(value)),
                visible ? "3.5" : "7",
                Html.text(
                    "round %d, %s: %s%s"
                        .formatted(
                            rounds.get(index),
                            series.label(),
                            chart.kind().figure(value),
                            interval == null ? "" : interval.words()))));
  }

  private static boolean isAlone(Chart.Series series, int index) {
    List<OptionalDouble> values = series.values();
    return (index == 0 || values.get(index - 1).isEmpty())
        && (index == values.size() - 1 || values.get(index + 1).isEmpty());
  }

  private void bars() {
    double width = Math.min(26, 0.7 * (RIGHT - LEFT) / (last - first));
    for (int i = 0; i < rounds.size(); i++) {
      double below = 0;
      for (Chart.Series series : chart.series()) {
        double value = series.values().get(i).orElse(0);
        if (value > 0) {
          svg.append(
              "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>"
                  .formatted(
                      series.colour(),
                      shown(x(rounds.get(i)) - width / 2),
                      shown(y(below + value)),
                      shown(width),
                      shown(y(below) - y(below + value)),
                      Html.text(
                          "round %d, %s: %s"
                              .formatted(
                                  rounds.get(i), series.label(), chart.kind().figure(value)))));
          below += value;
        }
      }
    }
  }

  private double x(double round) {
    return LEFT + (RIGHT - LEFT) * (round - first) / Math.max(1e-9, last - first);
  }

  private double y(double value) {
    return BOTTOM - (BOTTOM - TOP) * (value - scale.low()) / (scale.high() - scale.low());
  }

  private static String shown(double pixels) {
    String text = String.format(Locale.ROOT, "%.1f", pixels);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /**
   * The range of an axis.
   *
   * @param step between two ticks
   */
  private record Scale(double low, double high, double step) {
    private static final int TICKS = 4;

    /**
     * What changes by a smaller share of itself is drawn as not changing: it has no short ticks.
     */
    private static final double FLAT = 1e-4;

    static Scale of(Chart chart) {
      if (chart.range() == Chart.Range.SHARE) {
        return new Scale(0, 1, 0.25);
      }
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (double value : chart.extremes()) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      if (chart.range() == Chart.Range.FROM_ZERO) {
        low = Math.min(0, low);
      }
      if (high - low <= FLAT * Math.max(Math.abs(low), Math.abs(high))) {
        high = low + Math.max(Math.abs(low) / 10, 1e-3);
      }
      double step = niceStep((high - low) / TICKS);
      return new Scale(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
    }

    private static double niceStep(double rough) {
      double power = Math.pow(10, Math.floor(Math.log10(rough)));
      double lead = rough / power;
      return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (int i = 0; i <= Math.round((high - low) / step); i++) {
        ticks.add(low + i * step);
      }
      return ticks;
    }
  }
}
