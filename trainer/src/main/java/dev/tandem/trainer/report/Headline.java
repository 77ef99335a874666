package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The top of the page: what ran and what came of it. */
final class Headline {
  private final RunData run;
  private final HarnessHistory history;

  Headline(RunData run, HarnessHistory history) {
    this.run = run;
    this.history = history;
  }

  String html() {
    return """
    <header>
    <div class="title"><h1>%s</h1>%s</div>
    <p class="lead">%s</p>
    </header>
    %s<section class="cards">
    %s%s%s%s%s%s</section>
    """
        .formatted(
            Html.text(run.name()),
            badge(),
            verdict(),
            run.finished() || run.going() ? "" : stopped(),
            sealedCard(),
            card("Mode", Html.text(run.mode().isEmpty() ? "\u2013" : run.mode()), improves()),
            roundsCard(),
            wallCard(),
            memoryCard(),
            editsCard());
  }

  private String badge() {
    if (run.finished()) {
      return "<span class=\"badge good\">finished</span>";
    }
    return run.going()
        ? "<span class=\"badge\">in progress</span>"
        : "<span class=\"badge bad\">stopped %s</span>".formatted(stage());
  }

  private String stage() {
    return run.completed() < 0
        ? "before round 0"
        : "after round %d of %d".formatted(run.completed(), run.planned());
  }

  /** What is there of a run that is not at its end and that nobody works on, and how to go on. */
  private String stopped() {
    String kept =
        run.completed() < 0
            ? "No round is complete yet."
            : "Everything up to round %d is saved.".formatted(run.completed());
    String cause =
        run.rounds().stream().skip(Math.max(0, run.rounds().size() - 3)).count() == 3
                && run.rounds().reversed().stream()
                    .limit(3)
                    .allMatch(round -> round.has("poisoned"))
            ? " The last 3 rounds were %s: look at their reasons below first."
                .formatted(Glossary.link("poisoned"))
            : "";
    return """
    <section class="panel stopped"><p><b>Stopped %s.</b> %s%s To go on:</p><pre>%s</pre></section>
    """
        .formatted(stage(), kept, cause, Html.text(Commands.resume(run.folder())));
  }

  private String verdict() {
    JsonNode start = run.sealed(false);
    JsonNode end = run.sealed(true);
    if (!start.path("success").isNumber() || (!run.finished() && start.equals(end))) {
      return "Not yet evaluated twice on the %s tasks.".formatted(Glossary.link("sealed"));
    }
    double from = start.path("success").doubleValue();
    double to = end.path("success").doubleValue();
    String rate = "%s success".formatted(Glossary.link("sealed", "Sealed"));
    String movement =
        to == from
            ? "%s stayed at <strong>%s</strong>".formatted(rate, Figures.percent(from))
            : "%s %s from <strong>%s</strong> to <strong>%s</strong>"
                .formatted(
                    rate, to > from ? "rose" : "fell", Figures.percent(from), Figures.percent(to));
    if (Figures.interval(start).isEmpty() || Figures.interval(end).isEmpty()) {
      return movement + ".";
    }
    boolean apart =
        start.path("high").doubleValue() < end.path("low").doubleValue()
            || end.path("high").doubleValue() < start.path("low").doubleValue();
    return movement
        + (apart
            ? "; the 95% intervals do not overlap."
            : "; the 95% intervals overlap, so this run alone is no proof of a change.");
  }

  private String sealedCard() {
    JsonNode start = run.sealed(false);
    JsonNode end = run.sealed(true);
    if (!end.path("success").isNumber()) {
      return wideCard("Sealed success", "\u2013", "not evaluated yet");
    }
    double change = end.path("success").doubleValue() - start.path("success").doubleValue();
    String interval = Figures.interval(end);
    return wideCard(
        run.finished() ? "Sealed success, start \u2192 end" : "Sealed success, start \u2192 so far",
        "%s<span class=\"arrow\">\u2192</span>%s"
            .formatted(
                Figures.percent(start.path("success").doubleValue()),
                Figures.percent(end.path("success").doubleValue())),
        "<span class=\"%s\">%s points</span>%s, %s episodes"
            .formatted(
                change < 0 ? "bad-text" : "good-text",
                Figures.points(change),
                interval.isEmpty()
                    ? ""
                    : ", %s %s %%".formatted(Glossary.link("95% interval"), interval),
                Figures.count(end.path("episodes").asLong())));
  }

  private String roundsCard() {
    List<ObjectNode> rounds = run.rounds();
    JsonNode stated = run.summary().path("episodes");
    long episodes =
        run.finished() && stated.isNumber()
            ? stated.asLong()
            : rounds.stream().mapToLong(round -> round.path("episodes").asLong()).sum();
    String of = run.finished() ? "" : " <span class=\"of\">of %d</span>".formatted(run.planned());
    return card(
        "Rounds",
        Math.max(0, run.completed()) + of,
        "%s %s".formatted(Figures.count(episodes), run.finished() ? "episodes" : "train episodes"));
  }

  private String wallCard() {
    if (run.finished() && run.summary().path("wall_seconds").isNumber()) {
      return card(
          "Wall time",
          Figures.duration(run.summary().path("wall_seconds").doubleValue()),
          phases());
    }
    return card(
        "Time in rounds",
        Figures.duration(total("rollout") + total("train") + total("aegis")),
        phases());
  }

  private String phases() {
    double rollout = total("rollout");
    double all = rollout + total("train") + total("aegis");
    return all > 0 ? "%.0f%% in rollouts".formatted(100 * rollout / all) : "";
  }

  private double total(String phase) {
    return run.rounds().stream()
        .mapToDouble(round -> round.path(phase + "_seconds").asDouble())
        .sum();
  }

  private String memoryCard() {
    JsonNode peak = run.summary().path("peak_rss_mb");
    return card(
        "Peak memory",
        peak.isNumber() ? Figures.memory(peak.doubleValue()) : "\u2013",
        peak.isNumber() ? "resident" : "known at the end");
  }

  private String editsCard() {
    return card(
        "Bundles of changes",
        history.shipped() + " <span class=\"of\">shipped</span>",
        "%d rejected by the %s".formatted(history.rejections().size(), Glossary.link("gate")));
  }

  private String improves() {
    return switch (run.mode()) {
      case "static" -> "nothing is improved";
      case "harness" -> "the harness only";
      case "model" -> "the weights only";
      case "coevolve" -> "weights and harness";
      default -> "";
    };
  }

  private static String card(String name, String value, String aside) {
    return "<div class=\"panel card\"><div class=\"name\">%s</div><div class=\"value\">%s</div><div class=\"aside\">%s</div></div>\n"
        .formatted(name, value, aside);
  }

  private static String wideCard(String name, String value, String aside) {
    return card(name, value, aside).replaceFirst("panel card", "panel card wide");
  }
}
