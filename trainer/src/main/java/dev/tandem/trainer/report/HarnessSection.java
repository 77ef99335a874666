package dev.tandem.trainer.report;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.LogicMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What evolution did to the harness: the versions with their logic maps, and what was rejected. */
final class HarnessSection {
  private final RunData run;
  private final HarnessHistory history;
  private final EpisodeShelf episodes;

  HarnessSection(RunData run, HarnessHistory history, EpisodeShelf episodes) {
    this.run = run;
    this.history = history;
    this.episodes = episodes;
  }

  String html() {
    if (run.ledger().isEmpty() && run.ledgerFault().isEmpty()) {
      return "";
    }
    return """
    <section>
    <h2>Harness versions</h2>
    <p class="note">Every bundle of changes to the %s that passed the %s, in order, with its %s.</p>
    %s%s%s
    <h2>What each lever does</h2>
    <p class="note">The effect of each %s on success, by all episodes remembered at the end (%s): held against the harness in force, or, where it is in force itself, against its absence.</p>
    %s
    <h2>Bundles that were rejected</h2>
    <p class="note">With the first of the gate's checks that each failed, such as %s and %s. Won and lost are %s of gate episodes.</p>
    %s
    </section>
    """
        .formatted(
            Glossary.link("harness"),
            Glossary.link("gate"),
            Glossary.link("logic map"),
            run.ledgerFault().map(this::warning).orElse(""),
            versions(),
            serving(),
            Glossary.link("lever"),
            Figures.count(history.screened()),
            history.levers().isEmpty()
                ? "<div class=\"panel empty\">Nothing was screened.</div>"
                : "<div class=\"panel\">%s</div>".formatted(Forest.of(history.levers())),
            Glossary.link("red lines"),
            Glossary.link("seesaw"),
            Glossary.link("pair", "pairs"),
            rejections());
  }

  private String warning(String fault) {
    return "<p class=\"panel stopped\">The ledger is broken: %s. What is shown ends before it.</p>"
        .formatted(Html.text(fault));
  }

  private String versions() {
    return history.versions().isEmpty()
        ? "<div class=\"panel empty\">The harness is the one the run began with.</div>"
        : history.versions().stream()
            .map(this::version)
            .collect(Collectors.joining("", "<ol class=\"versions\">", "</ol>"));
  }

  private String version(HarnessHistory.Version version) {
    return switch (version) {
      case HarnessHistory.Shipped shipped ->
          version(
              shipped,
              shipped.candidate(),
              "<span class=\"badge good\">shipped</span>",
              only(shipped.clusters()) + diff(shipped.map().changes()) + map(shipped));
      case HarnessHistory.MergedBack merged ->
          version(
              merged,
              "variant %s is merged back".formatted(merged.decision().variant()),
              "<span class=\"badge bad\">retired</span>",
              "<dl class=\"map\">%s%s</dl>"
                  .formatted(
                      row("Served", Html.text(String.join(", ", merged.decision().clusters()))),
                      row("Why", why(merged.decision()))));
      case HarnessHistory.TakenBack back ->
          version(
              back,
              "%s is taken out".formatted(Forest.name(back.decision().lever())),
              "<span class=\"badge bad\">reverted</span>",
              only(back.decision().clusters())
                  + "<dl class=\"map\">%s</dl>".formatted(row("Why", why(back.decision()))));
    };
  }

  private static String why(Decision.Reverted reverted) {
    String success =
        "in the last %d rounds the episodes with it did %s points against those without it"
            .formatted(reverted.window(), Forest.points(reverted.effect().mean()));
    return reverted.gaming() == null
        ? "%s (%s)".formatted(success, Glossary.link("drift"))
        : "it games the verifier: %s (%s)".formatted(Html.text(reverted.gaming()), success);
  }

  private static String why(Decision.Retired retired) {
    String worth =
        "in the last %d rounds it did %s points against the default on these tasks"
            .formatted(retired.window(), Forest.points(retired.effect().mean()));
    if (retired.successor() != null) {
      return "it gave its place to %s, being worth least: %s"
          .formatted(Html.text(retired.successor()), worth);
    }
    return retired.from().equals(retired.to())
        ? "it had come to the same harness as the default"
        : worth;
  }

  /** For which kinds of task alone, if not for all. */
  private static String only(@Nullable List<String> clusters) {
    return clusters == null || clusters.isEmpty()
        ? ""
        : "<p>In force for tasks of the kinds <b>%s</b> alone, as a %s.</p>"
            .formatted(Html.text(String.join(", ", clusters)), Glossary.link("variant"));
  }

  /** Which variant serves which kind of task, where there are several. */
  private String serving() {
    if (history.serving().isEmpty()) {
      return "";
    }
    String rows =
        history.serving().stream()
            .map(
                one ->
                    serving(
                        one.variant(),
                        String.join(", ", one.clusters()),
                        one.harness(),
                        "round " + one.since()))
            .collect(Collectors.joining());
    return """
    <h2>Who serves which tasks</h2>
    <p class="note">A lever may help some kinds of task and harm others; those have a %s of the harness.</p>
    <div class="panel"><table class="cardlike"><thead><tr><th>Variant</th><th>Kinds of task</th><th>Harness</th><th>Since</th></tr></thead><tbody>%s%s</tbody></table></div>
    """
        .formatted(
            Glossary.link("variant"), rows, serving("default", "all others", "", "the beginning"));
  }

  private static String serving(String variant, String clusters, String harness, String since) {
    return "<tr><td data-label=\"Variant\">%s</td><td data-label=\"Kinds of task\">%s</td><td data-label=\"Harness\"><span class=\"hash\">%s</span></td><td data-label=\"Since\">%s</td></tr>"
        .formatted(
            Html.text(variant),
            Html.text(clusters),
            Html.text(shortHash(harness)),
            Html.text(since));
  }

  private static String version(
      HarnessHistory.Version version, String title, String badge, String content) {
    return """
    <li><div class="when"><b>v%d</b>round %d</div>
    <div class="panel version"><div class="top"><b>%s</b>%s<span class="hash">%s</span></div>%s</div></li>
    """
        .formatted(
            version.number(),
            version.round(),
            Html.text(title),
            badge,
            Html.text(shortHash(version.harness())),
            content);
  }

  private String map(HarnessHistory.Shipped shipped) {
    LogicMap map = shipped.map();
    return "<dl class=\"map\">%s%s%s%s%s%s%s%s%s</dl>"
        .formatted(
            row("What was there", LogicFacts.harness(map.before())),
            row(
                "What failed",
                Optional.ofNullable(history.landscapes().get(shipped.round()))
                    .map(LandscapeSection::failed)
                    .orElse("")),
            row("What it is for", Html.text(map.problem())),
            row(
                "Tasks to win",
                map.failingTasks() > 0
                    ? "%s, counting each by the share of these failures in it"
                        .formatted(String.format(Locale.ROOT, "%.1f", map.failingTasks()))
                    : ""),
            row("Seen in", LogicFacts.anchors(map.evidence(), episodes::link)),
            row("What was tried", Forest.of(map.levers())),
            row("At the gate", LogicFacts.proof(map.proof())),
            row(
                "What was predicted",
                LogicFacts.predictions(map.predictions(), history.scored(shipped.candidate()))),
            row("Pairs to read", pairs(shipped.round())));
  }

  /** A pair that the bundle won and one that it lost, where the page has them. */
  private String pairs(int round) {
    List<String> told = new ArrayList<>();
    episodes.won(round).ifPresent(pair -> told.add("won: " + pair(pair)));
    episodes.lost(round).ifPresent(pair -> told.add("lost: " + pair(pair)));
    return String.join("<br>", told);
  }

  private String pair(EpisodeShelf.Pair pair) {
    return "%s before, %s with the bundle (task %s)"
        .formatted(
            episodes.link(pair.before().id()),
            episodes.link(pair.after().id()),
            Html.text(pair.before().task()));
  }

  private static String row(String question, String answer) {
    return answer.isEmpty() ? "" : "<dt>%s</dt><dd>%s</dd>".formatted(Html.text(question), answer);
  }

  private String rejections() {
    List<HarnessHistory.Rejection> rejections = history.rejections();
    return rejections.isEmpty()
        ? "<div class=\"panel empty\">None.</div>"
        : rejections.stream()
            .map(this::rejection)
            .collect(
                Collectors.joining(
                    "",
                    "<div class=\"panel\"><table class=\"cardlike\"><thead><tr><th"
                        + " class=\"number\">Round</th><th>Bundle</th><th>Failed"
                        + " at</th><th>Reason</th><th class=\"number\">Won :"
                        + " lost</th></tr></thead><tbody>",
                    "</tbody></table></div>"));
  }

  private String rejection(HarnessHistory.Rejection rejection) {
    return """
    <tr><td class="number" data-label="Round">%d</td><td data-label="Bundle"><code>%s</code><div class="hash">%s</div></td><td data-label="Failed at">%s</td><td data-label="Reason">%s%s</td><td class="number" data-label="Won : lost">%s</td></tr>
    """
        .formatted(
            rejection.round(),
            rejection.changes().stream().map(Html::text).collect(Collectors.joining("<br>")),
            Html.text(rejection.candidate()),
            Html.text(rejection.check()),
            Html.text(rejection.reason()),
            episodes
                .lost(rejection.round())
                .map(pair -> "<div class=\"aside-facts\">lost: %s</div>".formatted(pair(pair)))
                .orElse(""),
            LogicFacts.score(rejection.proof()));
  }

  private static String diff(List<String> lines) {
    return lines.isEmpty()
        ? ""
        : lines.stream()
            .map(line -> "<span class=\"%s\">%s</span>".formatted(diffClass(line), Html.text(line)))
            .collect(Collectors.joining("\n", "<pre class=\"diff\">", "</pre>"));
  }

  private static String diffClass(String line) {
    if (line.startsWith("added")) {
      return "plus";
    }
    return line.startsWith("removed") ? "minus" : "turn";
  }

  private static String shortHash(String hash) {
    return hash.length() > 12 ? hash.substring(0, 12) : hash;
  }
}
