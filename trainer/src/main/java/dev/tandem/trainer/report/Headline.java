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
    <section class="cards">
    %s%s%s%s%s%s</section>
    """
        .formatted(
            Html.text(run.name()),
            run.finished()
                ? "<span class=\"badge good\">finished</span>"
                : "<span class=\"badge\">in progress</span>",
            verdict(),
            sealedCard(),
            card("Mode", Html.text(mode()), ""),
            roundsCard(),
            wallCard(),
            memoryCard(),
            editsCard());
  }

  private String verdict() {
    JsonNode start = run.sealed(false);
    JsonNode end = run.sealed(true);
    if (!start.path("success").isNumber() || (!run.finished() && start.equals(end))) {
      return "Not yet evaluated twice on the sealed split.";
    }
    double from = start.path("success").doubleValue();
    double to = end.path("success").doubleValue();
    String movement =
        to == from
            ? "Sealed success stayed at <strong>%s</strong>".formatted(Figures.percent(from))
            : "Sealed success %s from <strong>%s</strong> to <strong>%s</strong>"
                .formatted(to > from ? "rose" : "fell", Figures.percent(from), Figures.percent(to));
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
        "Sealed success, start \u2192 end",
        "%s<span class=\"arrow\">\u2192</span>%s"
            .formatted(
                Figures.percent(start.path("success").doubleValue()),
                Figures.percent(end.path("success").doubleValue())),
        "<span class=\"%s\">%s points</span>%s, n = %s"
            .formatted(
                change < 0 ? "bad-text" : "good-text",
                Figures.points(change),
                interval.isEmpty() ? "" : ", 95% interval " + interval,
                Figures.count(end.path("episodes").asLong())));
  }

  private String roundsCard() {
    List<ObjectNode> rounds = run.rounds();
    long done =
        rounds.isEmpty()
            ? run.summary().path("rounds").asLong()
            : rounds.getLast().path("round").asLong();
    long episodes =
        run.summary().path("episodes").isNumber()
            ? run.summary().path("episodes").asLong()
            : rounds.stream().mapToLong(round -> round.path("episodes").asLong()).sum();
    String of = run.finished() ? "" : " <span class=\"of\">so far</span>";
    return card("Rounds", done + of, Figures.count(episodes) + " episodes");
  }

  private String wallCard() {
    if (run.summary().path("wall_seconds").isNumber()) {
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
        "Peak memory", peak.isNumber() ? Figures.memory(peak.doubleValue()) : "\u2013", "resident");
  }

  private String editsCard() {
    long shipped =
        run.summary().path("shipped").isNumber()
            ? run.summary().path("shipped").asLong()
            : history.changes().stream().filter(change -> !change.reverted()).count();
    long rejected =
        run.summary().path("rejected").isNumber()
            ? run.summary().path("rejected").asLong()
            : history.refusals().size();
    return card(
        "Harness edits", shipped + " <span class=\"of\">shipped</span>", rejected + " rejected");
  }

  private String mode() {
    String stated = run.summary().path("mode").asText();
    return stated.isEmpty()
        ? run.configuration()
            .lines()
            .filter(line -> line.startsWith("mode:"))
            .map(line -> line.substring("mode:".length()).strip().replace("\"", ""))
            .findFirst()
            .orElse("\u2013")
        : stated;
  }

  private static String card(String name, String value, String aside) {
    return "<div class=\"panel card\"><div class=\"name\">%s</div><div class=\"value\">%s</div><div class=\"aside\">%s</div></div>\n"
        .formatted(name, value, aside);
  }

  private static String wideCard(String name, String value, String aside) {
    return card(name, value, aside).replaceFirst("panel card", "panel card wide");
  }
}
