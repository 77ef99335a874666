package dev.tandem.trainer.report;

import dev.tandem.rollout.store.EpisodeText;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Episodes as text: one task before and after, and those that the evidence points at. */
final class EpisodeSection {
  /** An episode's beginning and its end tell most of it. */
  private static final int FIRST_PASSAGES = 48;

  private static final int LAST_PASSAGES = 16;
  private static final int MOST_CHARACTERS = 900;

  /** Of a content hash, its beginning tells enough. */
  private static final Pattern HASH = Pattern.compile("\\b([0-9a-f]{12})[0-9a-f]{52}\\b");

  private static final String KEY =
      "<b>system</b> and <b>user</b> are what the model reads, <b>does</b> is its answer as the"
          + " environment is given it, <b>says</b> an answer that did not become an action,"
          + " <b>changed</b> what the harness did to any of it.";

  private final RunData run;
  private final EpisodeShelf shelf;

  EpisodeSection(RunData run, EpisodeShelf shelf) {
    this.run = run;
    this.shelf = shelf;
  }

  /** The same task before the first round and after the last. */
  String comparison() {
    if (run.completed() < 0) {
      return "";
    }
    return """
    <section>
    <h2>One task, before and after</h2>
    %s%s</section>
    """
        .formatted(
            shelf.problem().isEmpty()
                ? ""
                : "<p class=\"panel stopped\">%s</p>".formatted(Html.text(shelf.problem())),
            shelf
                .comparison()
                .map(this::compared)
                .orElseGet(
                    () ->
                        "<div class=\"panel empty\">No %s task that was played twice is there.</div>"
                            .formatted(Glossary.link("sealed"))));
  }

  private String compared(EpisodeShelf.Comparison comparison) {
    return """
    <p class="note">Of %d %s tasks played before round 1 and after round %d, %d were solved only after and %d only before. %s In it, %s</p>
    <div class="pair">%s%s</div>
    """
        .formatted(
            comparison.tasks(),
            Glossary.link("sealed"),
            comparison.round(),
            comparison.gained(),
            comparison.forgotten(),
            chosen(comparison.task()),
            KEY,
            column("Round 0", comparison.task().before(), comparison.before()),
            column("Round " + comparison.round(), comparison.task().after(), comparison.after()));
  }

  private static String chosen(EpisodeShelf.Pair task) {
    if (!task.before().success() && task.after().success()) {
      return "This is the shortest of those that were gained.";
    }
    return task.before().success() && task.after().success()
        ? "None was gained, so this is one that was solved both times."
        : "None was gained, so this is the shortest.";
  }

  private String column(String title, TraceRow row, StoredEpisode episode) {
    return """
    <article class="panel episode"><h3>%s %s</h3><p class="note">%s</p>%s</article>
    """
        .formatted(Html.text(title), outcome(row.success()), Html.text(row.id()), text(episode));
  }

  private static String outcome(boolean success) {
    return success
        ? "<span class=\"badge good\">solved</span>"
        : "<span class=\"badge bad\">failed</span>";
  }

  /** What versions and rejections link to. */
  String evidence() {
    List<StoredEpisode> episodes = shelf.shown();
    if (episodes.isEmpty()) {
      return "";
    }
    StringBuilder list = new StringBuilder();
    for (StoredEpisode episode : episodes) {
      list.append(
          "<details class=\"panel episode\" id=\"%s\"><summary><b>%s</b> %s</summary>%s</details>\n"
              .formatted(
                  EpisodeShelf.anchor(episode.id()),
                  Html.text(episode.id()),
                  switch (episode) {
                    case StoredEpisode.Judged(var trajectory) ->
                        "%s, %s"
                            .formatted(
                                outcome(trajectory.verdict().success()),
                                Html.text(trajectory.task().key()));
                    case StoredEpisode.Broken(var failure) ->
                        "not judged, " + Html.text(failure.task().key());
                  },
                  text(episode)));
    }
    return """
    <section>
    <h2>Episodes behind the evidence</h2>
    <p class="note">Those that are linked above. Any other is printed by <code>%s</code>. In them, %s</p>
    %s</section>
    """
        .formatted(Html.text(Commands.show(run.folder(), "ID")), KEY, list);
  }

  private String text(StoredEpisode episode) {
    List<EpisodeText.Passage> passages = withoutEchoes(EpisodeText.passages(episode));
    StringBuilder html = new StringBuilder("<div class=\"story\">");
    int step = -1;
    int left = passages.size() - FIRST_PASSAGES - LAST_PASSAGES;
    for (int i = 0; i < passages.size(); i++) {
      if (left > 0 && i >= FIRST_PASSAGES && i < passages.size() - LAST_PASSAGES) {
        if (i == FIRST_PASSAGES) {
          html.append(
              "<p class=\"left-out\">%d passages left out; <code>%s</code> prints all</p>"
                  .formatted(left, Html.text(Commands.show(run.folder(), episode.id()))));
        }
        continue;
      }
      EpisodeText.Passage passage = passages.get(i);
      if (passage.step() != step) {
        step = passage.step();
        html.append(step < 0 ? "<hr>" : "<p class=\"step\">step %d</p>".formatted(step));
      }
      html.append(
          "<p class=\"said %s\"><span>%s</span><span>%s</span></p>"
              .formatted(
                  passage.label().replaceAll("[^a-z]", ""),
                  Html.text(passage.label()),
                  Html.text(shortened(passage.text()))));
    }
    return html.append("</div>").toString();
  }

  /** What is said and then done is told once. */
  private static List<EpisodeText.Passage> withoutEchoes(List<EpisodeText.Passage> passages) {
    List<EpisodeText.Passage> kept = new ArrayList<>();
    for (int i = 0; i < passages.size(); i++) {
      EpisodeText.Passage said = passages.get(i);
      boolean done =
          passages.subList(i + 1, Math.min(i + 3, passages.size())).stream()
              .anyMatch(
                  later ->
                      later.step() == said.step()
                          && later.label().equals("does")
                          && later.text().equals(said.text()));
      if (!said.label().equals("says") || !done) {
        kept.add(said);
      }
    }
    return kept;
  }

  private static String shortened(String passage) {
    String text = HASH.matcher(passage).replaceAll("$1");
    return text.length() <= MOST_CHARACTERS
        ? text
        : "%s ... (%s more characters)"
            .formatted(
                text.substring(0, MOST_CHARACTERS), Figures.count(text.length() - MOST_CHARACTERS));
  }
}
