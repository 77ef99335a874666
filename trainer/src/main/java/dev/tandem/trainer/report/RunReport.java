package dev.tandem.trainer.report;

import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The page of a run: one HTML file that needs no network and no script, made from the files of the
 * run folder. It can be made at any time, as each of those files may be absent or still growing.
 */
public final class RunReport {
  private RunReport() {}

  /**
   * Writes {@code report.html} into the run folder, over an older one.
   *
   * @return the file
   * @throws ReportException when a file of the run is damaged, naming it
   */
  public static Path write(Path runFolder) throws IOException {
    Path file = runFolder.resolve(RunFiles.REPORT);
    String page = html(RunData.read(runFolder));
    RunFolder.clearFolder(file);
    AtomicFiles.write(file, page);
    return file;
  }

  static String html(RunData run) throws IOException {
    return Page.of(run.name() + " \u00b7 Tandem", body(run));
  }

  private static String body(RunData run) {
    HarnessHistory history = HarnessHistory.of(run.ledger());
    EpisodeShelf shelf = EpisodeShelf.of(run, history);
    EpisodeSection episodes = new EpisodeSection(run, shelf);
    return new Headline(run, history).html()
        + new CurveSection(run, history).html()
        + new FamilySection(run).html()
        + episodes.comparison()
        + new HarnessSection(run, history, shelf).html()
        + new LandscapeSection(history, shelf).html()
        + new DecisionSection(run.ledger()).html()
        + episodes.evidence()
        + configuration(run)
        + Glossary.html()
        + "<footer>Made by Tandem from the files of the run folder; opens offline and needs no"
        + " script.</footer>";
  }

  private static String configuration(RunData run) {
    return run.configuration().isBlank()
        ? ""
        : """
        <section>
        <h2>Effective configuration</h2>
        <p class="note">Every setting, defaults included; it is config.yaml of the run folder and starts the same run again.</p>
        <details class="panel numbers"><summary>Show it</summary><pre class="config">%s</pre></details>
        </section>
        """
            .formatted(Html.text(run.configuration().stripTrailing()));
  }
}
