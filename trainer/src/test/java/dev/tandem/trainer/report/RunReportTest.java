package dev.tandem.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.gate.Check;
import dev.tandem.trainer.recipe.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunReportTest {
  private static final Pattern LOADED =
      Pattern.compile(
          "(?i)(\\bsrc\\s*=|<script|<link\\b|@import|url\\(|\\bon[a-z]+\\s*=\\s*[\"']|https?://)");

  @TempDir private Path folder;

  @Test
  void showsTheHeadlineOfAFinishedRun() throws IOException {
    finished();
    assertThat(page())
        .contains(
            "<span class=\"badge good\">finished</span>",
            "<strong>41.2%</strong> to <strong>86.0%</strong>; the 95% intervals do not overlap.",
            "coevolve",
            "weights and harness",
            "7,680 episodes",
            "12:01 min",
            "1.4 GB",
            "1 <span class=\"of\">shipped</span>")
        .contains("2 rejected: 1 by the", ", 1 by the");
  }

  @Test
  void explainsEachHarnessVersionByItsLogicMap() throws IOException {
    finished();
    assertThat(page())
        .contains(
            "added loop_guard(patience=2) at position 2",
            "Episodes repeat an action without effect",
            "<span class=\"chip\">searched_list(limit=4)</span>",
            "<span class=\"chip\">r0001-00007 steps 6, 9</span>",
            "61.5, counting each",
            "It acted in 71 of 96 episodes; 7 of 9 predictions that could be checked came true",
            "<strong>41 won, 14 lost</strong> in 120",
            " 24.7, 20 needed");
  }

  @Test
  void listsRejectedEditsWithTheCheckAndTheReason() throws IOException {
    finished();
    assertThat(page())
        .contains(
            "<code>history_window: turns from 1 to 2</code>",
            "<td data-label=\"Failed at\">critic</td>",
            "it solved 31 tasks less often",
            "<td data-label=\"Failed at\">seesaw</td>",
            "6\u00a0:\u00a022 <span class=\"hash\">of\u00a064</span>");
  }

  @Test
  void tellsWhatCameBackWhenAVersionWasTakenBack() throws IOException {
    finished();
    new SampleRun(folder)
        .decided(4, new Decision.Reverted(SampleRun.SECOND, SampleRun.FIRST, 7.04));
    assertThat(page())
        .contains(
            "<dt>Taken back</dt><dd>v1 (r0001-1)</dd>",
            "<dt>In force again</dt><dd>aaaaaaaaaaaa</dd>",
            "evidence of 7.0")
        .contains("<b>Round 4.</b> After it the harness went back to an earlier version (v2)");
  }

  @Test
  void leavesAGapWhereNothingWasMeasured() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 6).start(0.4);
    run.round(1, 0.5, null, null, 900).round(2, 0.5, null, null, 900);
    run.poisoned(3, "40 of 64 episodes failed for reasons outside the agent, the first with: no");
    run.round(4, 0.6, null, null, 900).round(5, 0.6, null, null, 900).round(6, 0.6, null, null, 0);
    String page = page();
    assertThat(lines(page, "Success by split")).containsExactly(2, 3);
    assertThat(lines(page, "Gradient norm")).containsExactly(2, 2);
    assertThat(lines(page, "Tokens per second")).containsExactly(2, 3, 2, 2);
    assertThat(page)
        .contains(
            "<b>Round 3.</b> It is ",
            " and changed nothing, so its points are missing: 40 of 64 episodes failed",
            "<b>Round 6.</b> Nothing was trained: in every group all attempts scored alike");
    assertThat(row(page, 0)).startsWith("0", "\u2013", "40.0%");
    assertThat(row(page, 3)).endsWith("\u2013").doesNotContain("0", "0%", "0.0%");
  }

  @Test
  void hasNoCurvesOfLearningWhereTheModeTrainsNoWeights() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.HARNESS, 2).start(0.4);
    run.round(1, 0.5, null, null, -1).round(2, 0.5, null, null, -1);
    assertThat(page())
        .contains("Mode harness trains no weights")
        .doesNotContain("Gradient norm", "<i class=\"c2\"></i>training");
  }

  @Test
  void saysWhyTrainSuccessFellWhereAChallengerPulledItDown() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 3).start(0.4);
    run.round(1, 0.55, null, null, 9).round(2, 0.59, 0.23, null, 9).round(3, 0.3, 0.31, null, 9);
    run.decided(1, SampleRun.proposed("r0001-3", "removed house_view"));
    assertThat(page())
        .contains("<b>Round 2.</b> Train success fell to 41.0% because the", " r0001-3 played half")
        .contains("solved 23.0% of its own", " solved 59.0%.")
        .doesNotContain("<b>Round 3.</b>");
  }

  @Test
  void saysWhetherAFallOnTheSealedSplitMayBeChance() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 9).start(0.6);
    run.round(1, 0.5, null, SampleRun.rate(0.55, 50), 9);
    run.round(2, 0.5, null, SampleRun.rate(0.2, 50), 9);
    assertThat(page())
        .contains(
            "fell from 60.0% to 55.0%, measured on 500 and 50 episodes; the intervals overlap, so"
                + " it may be chance.",
            "fell from 55.0% to 20.0%, measured on 50 and 50 episodes; the intervals do not"
                + " overlap: chance alone hardly does that.");
  }

  @Test
  void saysOfAStoppedRunWhereItStoppedAndHowToGoOn() throws IOException {
    Path run = Files.createDirectory(folder.resolve("my run"));
    new SampleRun(run).planned(Mode.COEVOLVE, 20).start(0.4).round(1, 0.5, null, null, 9);
    assertThat(Files.readString(RunReport.write(run)))
        .contains(
            "<span class=\"badge bad\">stopped after round 1 of 20</span>",
            "Everything up to round 1 is saved.",
            "./tandem train &#39;%s/config.yaml&#39; --out &#39;%s&#39; --resume"
                .formatted(run, run));
  }

  @Test
  void saysOfARunThatWasGivenMoreRoundsThatItIsNotAtItsEnd() throws IOException {
    finished();
    new SampleRun(folder).planned(Mode.COEVOLVE, 40);
    assertThat(page()).contains("stopped after round 4 of 40").doesNotContain("finished</span>");
  }

  @Test
  void asksToLookAtThePoisonedRoundsThatEndedARun() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.STATIC, 9).start(0.4);
    run.poisoned(1, "why").poisoned(2, "why").poisoned(3, "why");
    assertThat(page()).contains("The last 3 rounds were ", "look at their reasons below first");
  }

  @Test
  void showsARunThatHasNotFinishedARound() throws IOException {
    new SampleRun(folder).planned(Mode.STATIC, 3);
    assertThat(page())
        .contains(
            "stopped before round 0",
            "No round is complete yet.",
            "No round is finished yet.",
            "Not yet evaluated twice on the ");
  }

  @Test
  void saysThatOverlappingIntervalsProveNothing() throws IOException {
    new SampleRun(folder)
        .planned(Mode.STATIC, 1)
        .summary(Mode.STATIC, 1, SampleRun.rate(0.5, 90), SampleRun.rate(0.45, 90));
    assertThat(page())
        .contains(
            "fell from <strong>50.0%</strong> to <strong>45.0%</strong>; the 95%"
                + " intervals overlap, so this run alone is no proof of a change.");
  }

  @Test
  void takesTheRepetitionOfARoundThatAResumedRunRepeated() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 2).start(0.4);
    run.round(1, 0.1, null, null, 9).round(1, 0.2, null, null, 9);
    assertThat(row(page(), 1)).contains("20.0%").doesNotContain("10.0%");
  }

  @Test
  void everyWordThatIsLinkedIsExplained() throws IOException {
    finished();
    String page = page();
    Set<String> ids = new TreeSet<>(found(page, "id=\"([^\"]+)\""));
    assertThat(found(page, "href=\"#([^\"]+)\"")).isNotEmpty().allMatch(ids::contains);
    assertThat(ids)
        .contains("word-e-value", "word-kl-to-the-reference", "word-gate", "word-sealed")
        .contains("word-hit", "word-entropy", "word-advantage");
    assertThat(found(page, "href=\"#(word-[^\"]+)\""))
        .contains("word-e-value", "word-kl-to-the-reference", "word-gate", "word-sealed")
        .contains("word-hit", "word-entropy", "word-advantage");
  }

  @Test
  void everyAxisHasAUnit() throws IOException {
    finished();
    String page = page();
    assertThat(found(page, "<text class=\"unit\" x=\"2\" y=\"11\">([^<]*)</text>"))
        .hasSameSizeAs(found(page, "(<svg)"))
        .noneMatch(String::isBlank)
        .contains("% of episodes", "nats a token", "seconds", "tokens a second", "actions");
  }

  @Test
  void loadsNothingFromAnywhereAndRunsNoScript() throws IOException {
    finished();
    String page = page();
    assertThat(LOADED.matcher(page).results().map(MatchResult::group)).isEmpty();
    assertThat(page).contains("default-src 'none'");
  }

  @Test
  void escapesTextFromTheRunWhereverItComesFrom() throws IOException {
    String attack = "</pre><img src=x onerror=alert(1)>&\"'";
    Path run = Files.createDirectory(folder.resolve("<img src=y>"));
    SampleRun sample = new SampleRun(run).planned(Mode.COEVOLVE, 3).start(0.4);
    sample.round(1, 0.5, null, null, 9).round(2, 0.5, 0.1, null, 9).poisoned(3, attack);
    Files.writeString(run.resolve("config.yaml"), "# " + attack + "\n", StandardOpenOption.APPEND);
    sample
        .decided(1, SampleRun.proposed(attack, attack))
        .decided(2, SampleRun.assessed(attack, false, attack))
        .decided(2, SampleRun.shipped(attack, attack, attack))
        .decided(2, SampleRun.rejected(attack, Check.SEESAW, attack, SampleRun.proof(1, 2, 3, 1)))
        .decided(3, new Decision.Reverted(attack, attack, 1));
    assertThat(Files.readString(RunReport.write(run)))
        .doesNotContain("<img")
        .contains("&lt;img src=x", "&lt;img src=y");
  }

  @Test
  void namesTheLineOfADamagedFileAndKeepsTheOldPage() throws IOException {
    Files.writeString(folder.resolve("report.html"), "old");
    Files.writeString(folder.resolve("metrics.jsonl"), "{\"round\": 0}\n[1]\n{\"round\": 1}\n");
    assertThatThrownBy(() -> RunReport.write(folder))
        .isInstanceOf(ReportException.class)
        .hasMessage(folder.resolve("metrics.jsonl") + " line 2 is not a JSON object");
    assertThat(folder.resolve("report.html")).hasContent("old");
  }

  @Test
  void namesTheLineOfADamagedConfiguration() throws IOException {
    Files.writeString(folder.resolve("config.yaml"), "mode: [\n");
    assertThatThrownBy(() -> RunReport.write(folder))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining(folder.resolve("config.yaml").toString());
  }

  @Test
  void trustsNoLedgerEntryFromABrokenOneOn() throws IOException {
    finished();
    Path ledger = folder.resolve("ledger.jsonl");
    Files.writeString(ledger, Files.readString(ledger).replace("r0003-2", "r0003-3"));
    assertThat(page())
        .containsPattern(
            "The ledger is broken: line 5 \\(entry 4\\), byte \\d+, was changed: .* What is shown"
                + " ends")
        .contains("added loop_guard")
        .doesNotContain("r0003-3");
  }

  /** Two edits rejected, one by the critic and one by the gate, and one shipped. */
  private void finished() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 4).start(0.412);
    run.round(1, 0.5, null, null, 900).round(2, 0.6, 0.7, SampleRun.rate(0.7, 100), 900);
    run.round(3, 0.7, 0.72, null, 900).round(4, 0.8, 0.6, SampleRun.rate(0.86, 500), 900);
    run.summary(Mode.COEVOLVE, 4, SampleRun.rate(0.412, 500), SampleRun.rate(0.86, 500));
    run.decided(1, SampleRun.proposed("r0001-1", "added loop_guard(patience=2) at position 2"))
        .decided(
            2,
            SampleRun.shipped(
                "r0001-1", SampleRun.SECOND, "Episodes repeat an action without effect"))
        .decided(2, SampleRun.proposed("r0002-1", "history_window: turns from 1 to 2"))
        .decided(3, SampleRun.assessed("r0002-1", false, "it solved 31 tasks less often"))
        .decided(3, SampleRun.proposed("r0003-2", "removed house_view"))
        .decided(
            4,
            SampleRun.rejected(
                "r0003-2",
                Check.SEESAW,
                "a gain is out of reach",
                SampleRun.proof(6, 22, 64, 0.1)));
  }

  private String page() throws IOException {
    return Files.readString(RunReport.write(folder));
  }

  /** How many points each line of a chart joins. */
  private static List<Integer> lines(String page, String title) {
    int from = page.indexOf("<figcaption><b>" + title);
    assertThat(from).isNotNegative();
    return found(page.substring(from, page.indexOf("</figure>", from)), "points=\"([^\"]+)\"")
        .stream()
        .map(points -> points.split(" ", -1).length)
        .toList();
  }

  /** A round's cells in the table of all numbers. */
  private static List<String> row(String page, int round) {
    for (String row : found(page, "<tr>((?:<td class=\"number\">[^<]*</td>)+)</tr>")) {
      List<String> cells = found(row, ">([^<]+)<");
      if (cells.getFirst().equals(String.valueOf(round))) {
        return cells;
      }
    }
    throw new AssertionError("no round " + round);
  }

  private static List<String> found(String text, String pattern) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
