package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of a run: one HTML file that needs no network, made from the files of the run folder. It
 * can be made at any time, as each of those files may be absent or still growing.
 */
public final class RunReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([a-z_]+)}}");

  private RunReport() {}

  /**
   * Writes {@code report.html} into the run folder, over an older one.
   *
   * @return the file
   * @throws ReportException when a file of the run is damaged, naming it
   */
  public static Path write(Path runFolder) throws IOException {
    Path file = runFolder.resolve(RunFiles.REPORT);
    AtomicFiles.write(file, html(RunData.read(runFolder)));
    return file;
  }

  static String html(RunData run) throws IOException {
    HarnessHistory history = HarnessHistory.of(run.ledger());
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", Html.text(run.name() + " \u00b7 Tandem"));
    parts.put("body", body(run, history));
    parts.put("data", Html.script(JSON.writeValueAsString(data(run, history))));
    parts.put("css", resource("report.css"));
    parts.put("js", resource("report.js"));
    parts.put("uplot_css", resource("uPlot.min.css"));
    parts.put("uplot_js", resource("uPlot.iife.min.js"));
    parts.put("uplot_licence", resource("uPlot.LICENSE"));
    return PLACEHOLDER
        .matcher(resource("page.html"))
        .replaceAll(
            match -> Matcher.quoteReplacement(parts.getOrDefault(match.group(1), match.group())));
  }

  private static String body(RunData run, HarnessHistory history) {
    String curves =
        run.rounds().isEmpty()
            ? "<div class=\"panel empty\">No round is finished yet.</div>"
            : "<div class=\"charts\" id=\"charts\"></div><noscript>The curves need"
                + " JavaScript.</noscript>";
    return new Headline(run, history).html()
        + """
        <section>
        <h2>Curves</h2>
        <p class="note">Round 0 is after the warm start, before training. Dashed lines mark new harness versions; bands and bars are 95%% intervals. Drag to zoom, double-click to reset.</p>
        %s
        </section>
        """
            .formatted(curves)
        + new FamilySection(run).html()
        + new HarnessSection(history).html()
        + configuration(run)
        + "<footer>Made by Tandem from the files of the run folder; opens offline.</footer>";
  }

  private static String configuration(RunData run) {
    return run.configuration().isBlank()
        ? ""
        : """
        <section>
        <h2>Effective configuration</h2>
        <p class="note">Every setting, defaults included; it is config.yaml of the run folder and starts the same run again.</p>
        <pre class="panel config">%s</pre>
        </section>
        """
            .formatted(Html.text(run.configuration().stripTrailing()));
  }

  private static ObjectNode data(RunData run, HarnessHistory history) {
    ObjectNode data = JSON.createObjectNode();
    data.putArray("rounds").addAll(run.rounds());
    ArrayNode ships = data.putArray("ships");
    for (HarnessHistory.Change change : history.changes()) {
      ships.addObject().put("round", change.round()).put("label", "v" + change.version());
    }
    return data;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = RunReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
