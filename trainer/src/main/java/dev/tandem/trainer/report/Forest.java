package dev.tandem.trainer.report;

import dev.tandem.aegis.LeverEffect;
import dev.tandem.aegis.screen.Lever;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A forest plot: what each lever does to success, with its interval, against a line at no effect. A
 * row has its own small picture, so that names stay legible on a narrow page.
 */
final class Forest {
  /** Points of success to either side of no effect, at least. */
  private static final double LEAST_REACH = 0.05;

  private final List<LeverEffect> rows;
  private final double reach;

  private Forest(List<LeverEffect> rows) {
    this.rows =
        rows.stream().sorted(Comparator.comparingDouble(LeverEffect::effect).reversed()).toList();
    this.reach =
        rows.stream()
            .mapToDouble(row -> Math.max(Math.abs(row.effect()), LEAST_REACH))
            .map(largest -> 1.5 * largest)
            .max()
            .orElse(LEAST_REACH);
  }

  /** The levers as a table, the most helpful first. */
  static String of(List<LeverEffect> levers) {
    return levers.isEmpty() ? "" : new Forest(levers).html();
  }

  private String html() {
    return rows.stream()
        .map(this::row)
        .collect(
            Collectors.joining(
                "",
                """
                <div class="scroll"><table class="forest"><thead><tr><th>Lever</th><th class="number">Episodes</th><th class="number">Effect, points</th><th class="track"><span class="ends"><span>%s</span><span>90%% interval</span><span>%s</span></span></th><th class="number">Likely to help</th></tr></thead><tbody>
                """
                    .formatted(points(-reach), points(reach)),
                "</tbody></table></div>"));
  }

  private String row(LeverEffect row) {
    return """
    <tr><td class="lever"><code>%s</code>%s<div class="hash">instead of %s</div></td><td class="number" data-label="episodes">%s</td><td class="number" data-label="points">%s</td><td class="track">%s</td><td class="number" data-label="likely to help">%s</td></tr>
    """
        .formatted(
            Html.text(name(row.lever())),
            row.inForce() ? " <span class=\"badge\">in force</span>" : "",
            Html.text(row.from()),
            Figures.count(row.episodes()),
            points(row.effect()),
            picture(row),
            Figures.percent(row.helps()));
  }

  private String picture(LeverEffect row) {
    String colour = row.low() > 0 ? "c3" : row.high() < 0 ? "c2" : "c1";
    return """
    <svg class="plot forest" width="100%%" height="16" role="img"><title>%s</title><line class="zero" x1="50%%" y1="0" x2="50%%" y2="16"/><line class="error %s" x1="%s" y1="8" x2="%s" y2="8"/><circle class="point %s" cx="%s" cy="8" r="3.5"/></svg>
    """
        .formatted(
            Html.text(
                "%s points, between %s and %s"
                    .formatted(points(row.effect()), points(row.low()), points(row.high()))),
            colour,
            at(row.low()),
            at(row.high()),
            colour,
            at(row.effect()))
        .strip();
  }

  private String at(double effect) {
    double share = 0.5 + 0.5 * Math.clamp(effect / reach, -1, 1);
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }

  /** A lever as one would say it: what is put in goes by its own name. */
  static String name(Lever lever) {
    if (lever.level().startsWith(lever.factor())) {
      return lever.level();
    }
    return lever.level().equals("absent") ? "without " + lever.factor() : lever.toString();
  }

  static String points(double effect) {
    return String.format(Locale.ROOT, "%+.1f", 100 * effect).replace('-', '\u2212');
  }
}
