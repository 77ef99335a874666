package dev.tandem.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.aegis.AegisSettings;
import dev.tandem.aegis.critique.BundleSettings;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.recipe.EnvironmentSettings;
import dev.tandem.trainer.recipe.EvaluationSettings;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.OptimiserSettings;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.RolloutSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** A run in which everything happens that happens in one, in a second or two. */
public final class TinyRun {
  public static final int ROUNDS = 3;

  private static final Path LUCKY = jar();

  private TinyRun() {}

  public static RunConfig config() {
    return config(Mode.COEVOLVE, 3);
  }

  /**
   * An agent this small may fail every task, so the penalty and the weight decay make sure that
   * there is always something to learn.
   */
  static RunConfig config(Mode mode, long seed) {
    return lucky(
        new RunConfig(
            mode,
            seed,
            ROUNDS,
            "house",
            new ModelSettings("", 1, 16, 2, 1, 8, 32, 256, 4),
            new WarmStartSettings(
                12, 0.15, 0.25, 96, 1, 64, WarmStartSettings.Rule.ADAMW, 1e-2, 0.01, 1),
            harness(),
            new RolloutSettings(2, 4, 8, 16, 2, 2),
            GrpoSettings.DEFAULTS.withKl(new ReferencePull(ReferencePull.Estimator.K3, 0.1)),
            new OptimiserSettings(1e-3, 0.1, 0.9, 0.95, 1, 2, 1, 0),
            aegis(Seesaw.SEQUENTIAL),
            new EvaluationSettings(3, 2, 2)));
  }

  /** The same run in {@link LuckyHouse}, which no recipe knows without a jar that brings it. */
  public static RunConfig lucky(RunConfig config) {
    return config.completed(
        List.of(new PluginJar(LUCKY)),
        new EnvironmentSettings("lucky_house", config.environment().parameters()),
        config.model(),
        config.services(),
        config.versions(),
        config.aegis());
  }

  /** A jar that names the family; its class is found among the tests'. */
  private static Path jar() {
    try {
      Path jar = Files.createTempFile("lucky", ".jar");
      jar.toFile().deleteOnExit();
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
        ZipEntry entry = new ZipEntry("META-INF/services/" + EnvironmentFamily.class.getName());
        entry.setTime(0);
        out.putNextEntry(entry);
        out.write(LuckyHouse.class.getName().getBytes(StandardCharsets.UTF_8));
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Evolution that tests whatever was not seen to harm, with a pair or two. */
  static AegisSettings aegis(Seesaw rule) {
    AegisSettings vetted = AegisSettings.DEFAULTS;
    return new AegisSettings(
        0,
        vetted.rest(),
        vetted.screen(),
        vetted.effects(),
        new BundleSettings(0.01, 0.05, 0.99, 0.99),
        new GateSettings(rule, 16, 0.2, 0, 2, 2, 2, 0.05, 0.9, 0.95, 0.02, 2),
        vetted.watch(),
        vetted.metaAgent(),
        vetted.variants(),
        vetted.redLines(),
        vetted.approval(),
        vetted.whenWaiting(),
        null);
  }

  /** The same run with other rules of evolution. */
  public static RunConfig governed(AegisSettings aegis) {
    RunConfig tiny = config();
    return tiny.completed(
        tiny.plugins(), tiny.environment(), tiny.model(), tiny.services(), tiny.versions(), aegis);
  }

  static ObjectNode harness() {
    ObjectNode harness = new ObjectMapper().createObjectNode();
    Tiny.harness()
        .processors()
        .forEach(
            spec -> {
              ObjectNode processor = harness.withArray("processors").addObject();
              processor.put("type", spec.type());
              spec.parameters().forEach((name, value) -> processor.putPOJO(name, value));
            });
    return harness;
  }

  /** The same run with some settings changed, as {@code --set} does. */
  public static RunConfig with(String... sets) throws IOException {
    Path recipe = Files.createTempFile("tiny", ".yaml");
    try {
      Files.writeString(recipe, ConfigLoader.effective(config()));
      return ConfigLoader.load(recipe, List.of(sets), RunConfig.DEFAULTS, RunConfig.class);
    } finally {
      Files.delete(recipe);
    }
  }

  /** Begins it in a folder, or goes on with it. */
  public static void run(Path folder, Monitor monitor) throws IOException {
    run(folder, config(), monitor);
  }

  /** Begins a run in a folder, or goes on with it. */
  public static void run(Path folder, RunConfig recipe, Monitor monitor) throws IOException {
    Path config = folder.resolve("config.yaml");
    if (Files.notExists(config)) {
      Files.createDirectories(folder);
      Files.writeString(config, ConfigLoader.effective(recipe));
    }
    try (TrainingRun run = new TrainingRun(recipe, folder, Tiny.EXECUTION, monitor)) {
      run.execute();
    }
  }

  /** Copies a folder as it is now. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted().toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
