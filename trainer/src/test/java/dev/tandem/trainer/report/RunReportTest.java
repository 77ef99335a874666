package dev.tandem.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunReportTest {
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" id=\"run\">(.*?)</script>", Pattern.DOTALL);
  private static final Pattern LOADED =
      Pattern.compile("(?i)(\\bsrc\\s*=|<link\\b|@import|url\\(|\\bfetch\\(|XMLHttpRequest)");

  @TempDir private Path run;

  @Test
  void showsTheHeadlineOfAFinishedRun() throws IOException {
    copySample();
    assertThat(written())
        .contains(
            "<span class=\"badge good\">finished</span>",
            "Sealed success rose from <strong>41.2%</strong> to <strong>86.0%</strong>; the 95%"
                + " intervals do not overlap.",
            "coevolve",
            "7,680 episodes",
            "12:01 min",
            "1.4 GB",
            "3 <span class=\"of\">shipped</span>",
            "5 rejected");
  }

  @Test
  void handsEveryRoundAndEveryNewVersionToTheCurves() throws IOException {
    copySample();
    JsonNode data = data(written());
    assertThat(data.path("rounds")).hasSize(21);
    assertThat(data.path("rounds").path(20).path("train_success").doubleValue())
        .isBetween(0.8, 1.0);
    assertThat(data.path("ships"))
        .extracting(ship -> ship.path("round").asInt())
        .containsExactly(4, 8, 13, 15, 17);
  }

  @Test
  void explainsEachHarnessVersionByItsLogicMap() throws IOException {
    copySample();
    assertThat(written())
        .contains(
            "insert loop_guard {patience: 2}",
            "Episodes repeat an action without effect until the step limit",
            "<span class=\"chip\">searched_list</span>",
            "<span class=\"chip\">r0003-train-017 step 6</span>",
            "<strong>41 won, 14 lost</strong> in 120 pairs of gate episodes; e-value 24.7, 20"
                + " needed",
            "<dt>Taken back</dt><dd>v3 (r0012-1)</dd>",
            "<dt>In force again</dt><dd>v2 (r0007-2)</dd>");
  }

  @Test
  void listsRefusedEditsWithTheCheckAndTheReason() throws IOException {
    copySample();
    assertThat(written())
        .contains(
            "<td>r0002-1</td><td><code>configure history_window: turns ="
                + " 2</code></td><td>critic</td>",
            "<td>red lines</td>",
            "6 : 22 <span class=\"hash\">of 64</span>");
  }

  @Test
  void showsSealedSuccessByKindOfTaskAndTheConfiguration() throws IOException {
    copySample();
    assertThat(written()).contains("<td>look in light</td>", "group_by: task_residual");
  }

  @Test
  void loadsNothingFromAnywhere() throws IOException {
    copySample();
    String page = written();
    assertThat(LOADED.matcher(page).results().map(MatchResult::group)).isEmpty();
    assertThat(page).contains("default-src 'none'");
  }

  @Test
  void escapesTextFromTheRunWhereverItComesFrom() throws IOException {
    String attack = "</script><img src=x onerror=alert(1)>&\"'";
    String json = new ObjectMapper().writeValueAsString(attack);
    Files.writeString(run.resolve("config.yaml"), "mode: " + attack + "\n");
    Files.writeString(
        run.resolve("metrics.jsonl"),
        "{\"round\": 0, \"incumbent_hash\": %s, \"sealed\": {\"success\": 0.5, \"by_family\": {%s: 0.5}}}\n"
            .formatted(json, json));
    Files.writeString(
        run.resolve("ledger.jsonl"),
        """
        {"kind": "shipped", "round": 1, "payload": {"candidate": %1$s, "harness": %1$s, "map": {"problem": %1$s, "changes": [%1$s], %1$s: {"x": %1$s, "y": [%1$s]}, "before": {"processors": [{"type": %1$s}]}, "evidence": [{"trajectory": %1$s}], "trial": {"reason": %1$s, "z": %1$s}, "proof": {"pairs": 1, "categories": [{"category": %1$s}]}}}}
        {"kind": "rejected", "round": 1, "payload": {"candidate": %1$s, "check": %1$s, "reason": %1$s}}
        {"kind": "reverted", "round": 1, "payload": {"from": %1$s, "to": %1$s, "evidence": %1$s}}
        """
            .formatted(json));
    String page = written();
    assertThat(page).doesNotContain("<img").contains("&lt;img");
    assertThat(data(page).path("rounds").path(0).path("incumbent_hash").asText()).isEqualTo(attack);
  }

  @Test
  void showsARunThatIsStillUnderWay() throws IOException {
    copySample();
    Files.delete(run.resolve("summary.json"));
    List<String> rounds = Files.readAllLines(run.resolve("metrics.jsonl"));
    Files.writeString(
        run.resolve("metrics.jsonl"),
        String.join("\n", rounds.subList(0, 6)) + "\n{\"round\": 6, \"re");
    String page = written();
    assertThat(page)
        .contains("in progress", "5 <span class=\"of\">so far</span>", "coevolve")
        .contains("Sealed success rose");
    assertThat(data(page).path("rounds")).hasSize(6);
  }

  @Test
  void showsARunThatHasNotFinishedARound() throws IOException {
    Files.writeString(run.resolve("config.yaml"), "mode: static\n");
    assertThat(written())
        .contains("No round is finished yet.", "Not yet evaluated twice on the sealed split.");
  }

  @Test
  void saysThatOverlappingIntervalsProveNothing() throws IOException {
    Files.writeString(
        run.resolve("summary.json"),
        """
        {"start": {"sealed": {"success": 0.5, "low": 0.4, "high": 0.6, "episodes": 90}},
         "end": {"sealed": {"success": 0.45, "low": 0.35, "high": 0.55, "episodes": 90}}}
        """);
    assertThat(written())
        .contains(
            "Sealed success fell from <strong>50.0%</strong> to <strong>45.0%</strong>; the 95%"
                + " intervals overlap, so this run alone is no proof of a change.");
  }

  @Test
  void takesTheRepetitionOfARoundThatAResumedRunRepeated() throws IOException {
    Files.writeString(
        run.resolve("metrics.jsonl"),
        "{\"round\": 0}\n{\"round\": 1, \"reward\": 0.1}\n{\"round\": 1, \"reward\": 0.2}\n");
    JsonNode rounds = data(written()).path("rounds");
    assertThat(rounds).hasSize(2);
    assertThat(rounds.path(1).path("reward").doubleValue()).isEqualTo(0.2);
  }

  @Test
  void namesTheLineOfADamagedFileAndKeepsTheOldPage() throws IOException {
    Files.writeString(run.resolve("report.html"), "old");
    Files.writeString(run.resolve("metrics.jsonl"), "{\"round\": 0}\n[1]\n{\"round\": 1}\n");
    assertThatThrownBy(() -> RunReport.write(run))
        .isInstanceOf(ReportException.class)
        .hasMessage(run.resolve("metrics.jsonl") + " line 2 is not a JSON object");
    assertThat(run.resolve("report.html")).hasContent("old");
  }

  private String written() throws IOException {
    return Files.readString(RunReport.write(run));
  }

  private static JsonNode data(String page) throws IOException {
    Matcher data = DATA.matcher(page);
    assertThat(data.find()).isTrue();
    return new ObjectMapper().readTree(data.group(1));
  }

  private void copySample() throws IOException {
    for (String name : List.of("config.yaml", "metrics.jsonl", "ledger.jsonl", "summary.json")) {
      Files.copy(sample(name), run.resolve(name));
    }
  }

  private static Path sample(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(RunReportTest.class.getResource("sample-run/" + name)).toURI());
    } catch (URISyntaxException malformed) {
      throw new AssertionError(malformed);
    }
  }
}
