package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.TinyRun;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.RoundMetrics;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunState;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose harness has forked, as a file that is played without the run. */
final class HarnessExportTest {
  private static final HarnessConfig BASE = Tiny.harness();
  private static final HarnessConfig ASKING =
      BASE.apply(new HarnessEdit.Insert(ProcessorSpec.of("parse_retry")), Tiny.REGISTRY);

  /** Asks again where an object is to be placed, and nowhere else. */
  private static final VariantPool POOL =
      VariantPool.of(Assignment.REFERENCE, BASE)
          .forked(
              new Variant(
                  "r0001-1",
                  new TreeSet<>(List.of("place")),
                  Assignment.REFERENCE.with(Factor.toggle("retry"), "on"),
                  ASKING));

  @TempDir private Path folder;
  private Path run = Path.of("");

  /** What lies in a run's folder once its warm start is over, and a fork. */
  @BeforeEach
  void keepARun() throws IOException {
    run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(TinyRun.config()));
    SuccessRate rate = new SuccessRate(0.25, 8, 0.07, 0.59, new TreeMap<>());
    AegisState forked =
        new AegisState(
            0,
            1,
            BASE,
            POOL,
            List.of(),
            MetaAccount.OPENED,
            Evidence.NONE,
            new TreeMap<>(),
            List.of(),
            List.of(),
            List.of(),
            GateAccount.OPENED,
            0,
            null);
    String hash;
    try (Doors doors = Doors.open(TinyRun.config().plugins())) {
      ProcessorRegistry registry = doors.registry(doors.family(TinyRun.config().environment()));
      hash = BASE.hash(registry);
      try (Ledger ledger = Ledger.open(run.resolve("ledger.jsonl"))) {
        ledger.append(0, "forked", Map.of("variant", "r0001-1", "harness", ASKING.hash(registry)));
      }
    }
    try (Policy policy = Tiny.policy(4)) {
      new RunFolder(run)
          .save(
              new RunState(0, forked, rate, 0, 0, 0, List.of(), 0),
              RoundMetrics.start(hash, rate),
              directory -> {
                policy.save(directory);
                try (Optimiser optimiser = Tiny.optimiser(policy)) {
                  optimiser.save(directory.resolve(GrpoTrainer.OPTIMISER_FILE));
                }
              });
    }
  }

  private static CommandLineOf.Said tandem(Object... arguments) {
    return CommandLineOf.tandem(arguments);
  }

  private Path exported(String name) {
    Path file = folder.resolve(name);
    CommandLineOf.Said said = tandem("export", run, "--harness", "--to", file);
    assertThat(said.status()).as(said.err()).isZero();
    return file;
  }

  private JsonNode success(Path harness) throws IOException {
    CommandLineOf.Said said =
        tandem(
            "eval",
            "--checkpoint",
            run.resolve("checkpoints/round-0000"),
            "--harness",
            harness,
            "--episodes",
            "40",
            "--device",
            "cpu",
            "--json");
    assertThat(said.status()).as(said.err()).isZero();
    return new ObjectMapper().readTree(said.out()).path("by_family");
  }

  @Test
  void playsEachTaskUnderTheVariantThatServesItFromTheFileAlone() throws IOException {
    Path base = Files.writeString(folder.resolve("base.yaml"), BASE.toYaml());
    Path asking = Files.writeString(folder.resolve("asking.yaml"), ASKING.toYaml());

    JsonNode pool = success(exported("pool.yaml"));
    JsonNode plain = success(base);
    JsonNode everywhere = success(asking);

    assertThat(pool.path("place")).isEqualTo(everywhere.path("place"));
    assertThat(pool.path("place")).isNotEqualTo(plain.path("place"));
    assertThat(pool.path("heat")).isEqualTo(plain.path("heat"));
    assertThat(pool.path("heat")).isNotEqualTo(everywhere.path("heat"));
    assertThat(success(exported("pool.json"))).isEqualTo(pool);
  }

  @Test
  void writesRoutesAndHashesAndRefusesWhatWasChangedSince() throws IOException {
    Path file = exported("pool.yaml");
    String text = Files.readString(file);

    assertThat(text).contains("\"place\": \"r0001-1\"").containsPattern("hash: \"[0-9a-f]{64}\"");
    assertThat(HarnessPool.parse(text.replaceAll(" *hash: .*\n", ""), "pool", Tiny.REGISTRY))
        .isEqualTo(POOL.harnesses());
    Files.writeString(file, text.replaceFirst("turns: 1", "turns: 2"));
    CommandLineOf.Said said =
        tandem(
            "eval",
            "--checkpoint",
            run.resolve("checkpoints/round-0000"),
            "--harness",
            file,
            "--episodes",
            "2");
    assertThat(said.status()).isNotZero();
    assertThat(said.err()).contains("variant default should have the hash").contains("pool.yaml");
  }

  @Test
  void writesOverNothing() throws IOException {
    Path there = Files.writeString(folder.resolve("there.yaml"), "mine");

    CommandLineOf.Said said = tandem("export", run, "--harness", "--to", there);

    assertThat(said.status()).isEqualTo(2);
    assertThat(said.err()).contains("exists already: name a file that does not exist");
    assertThat(there).hasContent("mine");
  }

  @Test
  void isShownAndValidatedLikeAHarness() throws IOException {
    Path file =
        Files.writeString(folder.resolve("own.yaml"), POOL.harnesses().toYaml(Tiny.REGISTRY));

    CommandLineOf.Said valid = tandem("harness", "validate", file);
    CommandLineOf.Said shown = tandem("harness", "show", file);
    CommandLineOf.Said compared = tandem("harness", "diff", file, file);

    assertThat(valid.out()).as(valid.err()).contains("is valid, hash");
    assertThat(shown.out())
        .as(shown.err())
        .containsSubsequence(
            "default serves all other kinds of task:", "r0001-1 serves place:", "parse_retry");
    assertThat(compared.status()).isEqualTo(2);
    assertThat(compared.err()).contains("is a pool of 2 harnesses");
  }
}
