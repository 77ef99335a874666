package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.Decision;
import dev.tandem.aegis.LeverEffect;
import dev.tandem.aegis.LogicMap;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.LearningMetrics;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.FailureMetrics;
import dev.tandem.trainer.run.RolloutMetrics;
import dev.tandem.trainer.run.RoundMetrics;
import dev.tandem.trainer.run.RoundTimes;
import dev.tandem.trainer.run.RunSummary;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A run folder without a run: its files are written by the classes that write them in a run. */
final class SampleRun {
  static final String FIRST = "a".repeat(64);
  static final String SECOND = "b".repeat(64);
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Path folder;

  SampleRun(Path folder) {
    this.folder = folder;
  }

  /** The recipe, of so many rounds. */
  SampleRun planned(Mode mode, int rounds) throws IOException {
    RunConfig planned =
        ConfigLoader.load(
            write("recipe", "mode: %s\nrounds: %d\n".formatted(mode.id(), rounds)),
            List.of(),
            RunConfig.DEFAULTS,
            RunConfig.class);
    write(RunFiles.CONFIG, ConfigLoader.effective(planned));
    Files.delete(folder.resolve("recipe"));
    return this;
  }

  /** Round 0, or one that was measured on the sealed split only. */
  SampleRun start(double sealed) throws IOException {
    return add(RoundMetrics.start(FIRST, rate(sealed, 500)));
  }

  /** A round that learnt from so many tokens. */
  SampleRun round(
      int round,
      double incumbent,
      @Nullable Double screen,
      @Nullable SuccessRate sealed,
      long tokens)
      throws IOException {
    double train = screen == null ? incumbent : (incumbent + 3 * screen) / 4;
    return add(
        new RoundMetrics(
            round,
            0,
            FIRST,
            screen == null ? null : SECOND,
            new RolloutMetrics(64, train, incumbent, screen, 7, train, 11.5, null),
            null,
            sealed,
            null,
            tokens < 0
                ? null
                : new LearningMetrics(
                    tokens > 0 ? 0.1 : 0,
                    tokens > 0 ? 0.3 : 0,
                    0,
                    1,
                    0,
                    0,
                    0,
                    0.5,
                    16,
                    8,
                    0,
                    null,
                    null,
                    null,
                    tokens,
                    tokens > 0 ? 4 : 0,
                    tokens > 0 ? 4 : 0,
                    null,
                    List.of(),
                    List.of()),
            null,
            RoundTimes.of(3, null, 1, tokens > 0 ? 2 : 1e-6, 0, 0, 5000, Math.max(0, tokens)),
            null));
  }

  SampleRun poisoned(int round, String why) throws IOException {
    return add(
        new RoundMetrics(
            round,
            0,
            FIRST,
            null,
            null,
            null,
            null,
            null,
            null,
            new FailureMetrics(40, 96, 0, why),
            null,
            null));
  }

  private SampleRun add(RoundMetrics metrics) throws IOException {
    Files.writeString(
        folder.resolve(RunFiles.METRICS),
        JSON.writeValueAsString(metrics) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return this;
  }

  SampleRun summary(Mode mode, int rounds, SuccessRate start, SuccessRate end) throws IOException {
    write(
        RunFiles.SUMMARY,
        ResultJson.text(
            new RunSummary(
                mode.id(),
                1,
                rounds,
                721.4,
                1400L,
                new RunSummary.Point(start),
                new RunSummary.Point(end),
                FIRST,
                SECOND,
                FIRST,
                1,
                2,
                0,
                7680)));
    return this;
  }

  SampleRun decided(int round, Decision decision) {
    try (Ledger ledger = Ledger.open(folder.resolve(RunFiles.LEDGER))) {
      ledger.append(round, decision.kind(), decision);
    }
    return this;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  static SuccessRate rate(double success, int episodes) {
    double half = Math.sqrt(4 * success * (1 - success) / episodes);
    TreeMap<String, Double> byFamily = new TreeMap<>();
    byFamily.put("look_in_light", success);
    return new SuccessRate(success, episodes, success - half, success + half, byFamily);
  }

  /** A bundle on its way to the gate. */
  static Decision.Bundled bundled(String id, String change) {
    return new Decision.Bundled(
        new Manifest(
            id,
            List.of(Manifest.Bucket.PROCESSOR),
            "loop_guard addresses repeated_action",
            61.54,
            List.of(new Anchor("r0001-00007", 6)),
            List.of(change),
            List.of(PREDICTION),
            List.of(new Signature("loop_guard"))),
        List.of(effect("loop_guard", 0.067)));
  }

  /** A row of the table of levers. */
  static LeverEffect effect(String level, double effect) {
    return new LeverEffect(
        new Lever("guard", level), "absent", false, 310, effect, effect - 0.03, effect + 0.03, 0.9);
  }

  private static final Prediction PREDICTION =
      new Prediction(1, Assignment.REFERENCE, Assignment.REFERENCE, "", new Effect(0.061, 0.01));

  static Decision.Shipped shipped(String id, String harness, String text) {
    return new Decision.Shipped(
        id,
        harness,
        new LogicMap(
            HarnessConfig.of(ProcessorSpec.of("searched_list").with("limit", 4)),
            text,
            61.54,
            List.of(
                new Anchor("r0001-00007", 6),
                new Anchor("r0001-00007", 9),
                new Anchor("r0001-00008", 2)),
            List.of("added loop_guard(patience=2) at position 2"),
            List.of(effect("loop_guard", 0.067)),
            List.of(PREDICTION),
            proof(41, 14, 120, 24.7)));
  }

  static Decision.Rejected rejected(String id, Check check, String reason, @Nullable Proof proof) {
    return new Decision.Rejected(id, check, reason, check == Check.RED_LINES, proof);
  }

  static Proof proof(int wins, int losses, int pairs, double eValue) {
    return new Proof(
        Seesaw.SEQUENTIAL,
        pairs,
        wins,
        losses,
        eValue,
        0.05,
        List.of(
            new Proof.CategoryProof(
                "look_in_light", pairs, wins, losses, new Effect(0.1, 0.03), 0.01)),
        null,
        List.of());
  }
}
