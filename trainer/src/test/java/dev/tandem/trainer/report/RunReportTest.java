package dev.tandem.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.plan.Concern;
import dev.tandem.aegis.plan.HitRate;
import dev.tandem.aegis.plan.LandscapeSummary;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
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
        .contains("1 rejected by the ");
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
            "<code>guard=loop_guard</code>",
            "<td class=\"number\" data-label=\"points\">+6.7</td>",
            "overall <b>+6.1</b> points [+4.5, +7.7] (not known yet)",
            "<strong>41 won, 14 lost</strong> in 120",
            " 24.7, 20 needed");
  }

  @Test
  void listsRejectedBundlesWithTheCheckAndTheReason() throws IOException {
    finished();
    assertThat(page())
        .contains(
            "<code>removed house_view</code>",
            "<td data-label=\"Failed at\">seesaw</td>",
            "6\u00a0:\u00a022 <span class=\"hash\">of\u00a064</span>");
  }

  @Test
  void tellsWhichLeverWasTakenOutAndWhy() throws IOException {
    finished();
    new SampleRun(folder).decided(4, takenOut(SampleRun.SECOND, SampleRun.FIRST, "loop_guard"));
    assertThat(page())
        .contains(
            "guard=loop_guard is taken out",
            "in the last 3 rounds the episodes with it did \u22128.0 points")
        .contains("<b>Round 4.</b> After it a lever was taken out (v2)");
  }

  @Test
  void tellsThatALeverWasTakenOutForGamingTheVerifier() throws IOException {
    finished();
    new SampleRun(folder)
        .decided(
            4,
            new Decision.Reverted(
                SampleRun.SECOND,
                SampleRun.FIRST,
                new Lever("guard", "loop_guard"),
                new Effect(0.12, 0.02),
                3,
                "it brings 16.0 more signs of gaming in 100 episodes",
                null));
    assertThat(page())
        .contains(
            "guard=loop_guard is taken out",
            "it games the verifier: it brings 16.0 more signs of gaming in 100 episodes (in the"
                + " last 3 rounds the episodes with it did +12.0 points");
  }

  @Test
  void showsWhichVariantServesWhichKindOfTask() throws IOException {
    finished();
    SampleRun run = new SampleRun(folder);
    assertThat(page()).doesNotContain("Who serves which tasks");
    run.decided(4, forked("r0003-1", "cool", "heat")).decided(4, forked("r0004-1", "look"));
    assertThat(page())
        .contains("Who serves which tasks", "In force for tasks of the kinds <b>cool, heat</b>")
        .containsSubsequence("r0003-1", "cool, heat", "round 4", "default", "all others");
    run.decided(
        4,
        new Decision.Retired(
            "r0003-1",
            List.of("cool", "heat"),
            SampleRun.SECOND,
            SampleRun.FIRST,
            new Effect(-0.04, 0.03),
            3));
    String page = page();
    String serving = page.substring(page.indexOf("Who serves"), page.indexOf("What each lever"));
    assertThat(serving).contains("r0004-1").doesNotContain("r0003-1");
    assertThat(page)
        .contains(
            "variant r0003-1 is merged back",
            "in the last 3 rounds it did \u22124.0 points against the default");
  }

  private static Decision.Forked forked(String id, String... clusters) {
    return new Decision.Forked(
        id, id, List.of(clusters), SampleRun.SECOND, SampleRun.shipped(id, "", "loops").map());
  }

  private static Decision.Reverted takenOut(String from, String to, String level) {
    return new Decision.Reverted(from, to, new Lever("guard", level), new Effect(-0.08, 0.02), 3);
  }

  @Test
  void drawsWhatEachLeverDoes() throws IOException {
    finished();
    new SampleRun(folder)
        .decided(
            4,
            new Decision.Screened(
                512,
                2048,
                List.of(SampleRun.effect("mask", -0.05), SampleRun.effect("notes", 0.01))));
    String page = page();
    int table = page.indexOf("What each lever does");
    assertThat(page.substring(table, page.indexOf("Bundles that were rejected")))
        .contains("2,048", "<svg class=\"plot forest\"", "guard=notes")
        .containsSubsequence("+1.0", "\u22125.0")
        .contains("cx=\"16.67%\"");
  }

  @Test
  void tellsWhatFailsAndWhatStands() throws IOException {
    finished();
    new SampleRun(folder)
        .decided(
            4,
            new Decision.Digested(
                new LandscapeSummary(
                    64,
                    130,
                    72,
                    List.of(
                        new LandscapeSummary.Row(
                            "look_in_light",
                            FailureCategory.LOST_PROGRESS,
                            12,
                            4.25,
                            1,
                            new Anchor("r0004-00007", 6))),
                    List.of("house/36"),
                    List.of(new LandscapeSummary.Neglected(FailureCategory.LOST_PROGRESS, 4.25)),
                    List.of(new HitRate(HitRate.Of.TYPE, "control_and_safety", 3, 4)),
                    List.of(
                        new Concern(
                            3,
                            Concern.Source.GATE,
                            List.of(new Lever("guard", "guard(limit=2)")),
                            "a gain is out of reach")))));
    String page = page();
    assertThat(page.substring(page.indexOf("What goes wrong")))
        .contains(
            "In round 4 the harness in force solved 72 of 130 training episodes",
            "<td data-label=\"Failure\">lost progress</td><td data-label=\"In\">look in light</td>",
            "<td class=\"number\" data-label=\"To blame\">4.3 of 12 tasks</td>",
            "r0004-00007 step 6",
            "house/36",
            "lost progress (4.3 tasks)",
            "control and safety 3\u00a0of\u00a04",
            "round 3, gate, on <code>guard(limit=2)</code>: a gain is out of reach");
  }

  @Test
  void showsWhatWasRefusedAndWhatAPersonSaid() throws IOException {
    finished();
    new SampleRun(folder)
        .decided(
            4,
            new Decision.Refused(
                "tools=all", "tools: all", Admission.Ground.RED_LINES, "tools are kept", true))
        .decided(4, new Decision.Approved("r0001-1", "Ann", "today", "fine"))
        .decided(4, new Decision.Declined("r0003-2", "Bob", "today", ""))
        .decided(4, new Decision.Concerned(new Lever("guard", "on"), "it games the verifier"));
    String page = page();
    assertThat(page.substring(page.indexOf("<h2>Decisions"), page.indexOf("All 8 decisions")))
        .contains(
            "tools=all (tools: all) is put in quarantine before it played: tools are kept",
            "is approved by Ann, today, who says: fine",
            "is rejected by Bob, today",
            "a concern about guard=on: it games the verifier")
        .doesNotContain("ships");
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
  void saysWhyTrainSuccessFellWhereTheScreenPulledItDown() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 3).start(0.4);
    run.round(1, 0.55, null, null, 9).round(2, 0.59, 0.23, null, 9).round(3, 0.3, 0.31, null, 9);
    assertThat(page())
        .contains("<b>Round 2.</b> Train success fell to 32.0% because the")
        .contains("solved 23.0% of its episodes", " solved 59.0%.")
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
        .contains("word-lever", "word-entropy", "word-advantage");
    assertThat(found(page, "href=\"#(word-[^\"]+)\""))
        .contains("word-e-value", "word-kl-to-the-reference", "word-gate", "word-sealed")
        .contains("word-lever", "word-entropy", "word-advantage");
  }

  @Test
  void everyAxisHasAUnit() throws IOException {
    finished();
    String page = page();
    assertThat(found(page, "<text class=\"unit\" x=\"2\" y=\"11\">([^<]*)</text>"))
        .hasSameSizeAs(found(page, "(<svg class=\"plot\")"))
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
        .decided(1, SampleRun.bundled(attack, attack))
        .decided(2, SampleRun.shipped(attack, attack, attack))
        .decided(2, SampleRun.rejected(attack, Check.SEESAW, attack, SampleRun.proof(1, 2, 3, 1)))
        .decided(3, takenOut(attack, attack, attack));
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
            "The ledger is broken: line 3 \\(entry 2\\), byte \\d+, was changed: .* What is shown"
                + " ends")
        .contains("added loop_guard")
        .doesNotContain("r0003-3");
  }

  /** A bundle rejected by the gate, and one shipped. */
  private void finished() throws IOException {
    SampleRun run = new SampleRun(folder).planned(Mode.COEVOLVE, 4).start(0.412);
    run.round(1, 0.5, null, null, 900).round(2, 0.6, 0.7, SampleRun.rate(0.7, 100), 900);
    run.round(3, 0.7, 0.72, null, 900).round(4, 0.8, 0.7, SampleRun.rate(0.86, 500), 900);
    run.summary(Mode.COEVOLVE, 4, SampleRun.rate(0.412, 500), SampleRun.rate(0.86, 500));
    run.decided(1, SampleRun.bundled("r0001-1", "added loop_guard(patience=2) at position 2"))
        .decided(
            2,
            SampleRun.shipped(
                "r0001-1", SampleRun.SECOND, "Episodes repeat an action without effect"))
        .decided(3, SampleRun.bundled("r0003-2", "removed house_view"))
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
