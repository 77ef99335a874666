package dev.tandem.trainer.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.aegis.AegisSettings;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.Wording;
import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.recipe.EnvironmentSettings;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.ServiceSettings;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A recipe with what it names: its jars opened, its environment and provider known, all that they
 * declare written out, its paths absolute. To be closed when nothing of the jars runs any more.
 */
public final class Recipe implements AutoCloseable {
  private final RunConfig config;
  private final Doors doors;

  private Recipe(RunConfig config, Doors doors) {
    this.config = config;
    this.doors = doors;
  }

  /**
   * Loads a recipe.
   *
   * @param sets options as {@link ConfigLoader#load} takes them
   * @throws ConfigException when it cannot be used, saying where and why
   */
  public static Recipe load(Path file, List<String> sets) {
    ConfigLoader.Loaded<RunConfig> loaded =
        ConfigLoader.read(file, sets, RunConfig.DEFAULTS, RunConfig.class);
    requireCheckpoint(loaded);
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    return completed(
        loaded.configuration(),
        folder,
        (path, refused) -> loaded.problem(path, String.valueOf(refused.getMessage()), refused));
  }

  /** The defaults, with options as {@link ConfigLoader#load} takes them. */
  public static Recipe ofDefaults(List<String> sets) {
    ConfigLoader.Loaded<RunConfig> loaded =
        ConfigLoader.ofDefaults(sets, RunConfig.DEFAULTS, RunConfig.class);
    requireCheckpoint(loaded);
    return completed(
        loaded.configuration(),
        Path.of("").toAbsolutePath(),
        (path, refused) -> loaded.problem(path, String.valueOf(refused.getMessage()), refused));
  }

  /**
   * A recipe that was read elsewhere.
   *
   * @param folder that its paths are relative to
   * @throws PluginException if a jar cannot be used
   * @throws IllegalArgumentException if the environment or the provider does not exist
   * @throws HarnessException if their parameters are not what they declare
   */
  public static Recipe of(RunConfig said, Path folder) {
    return completed(said, folder, (path, refused) -> refused);
  }

  /** What a file says by itself, before anything that it names is looked for. */
  public static RunConfig said(Path file) {
    return ConfigLoader.load(file, List.of(), RunConfig.DEFAULTS, RunConfig.class);
  }

  /** The jars that a run's configuration names. */
  public static List<PluginJar> plugins(Path config) {
    return said(config).plugins();
  }

  private static Recipe completed(
      RunConfig said, Path folder, BiFunction<String, RuntimeException, RuntimeException> placed) {
    Check check = new Check(placed);
    List<PluginJar> jars =
        said.plugins().stream()
            .map(plugin -> new PluginJar(absolute(folder, plugin.jar()), plugin.sha256()))
            .toList();
    Doors doors = check.of("plugins", () -> Doors.open(KeptJars.of(folder).inPlaceOf(jars)));
    boolean usable = false;
    try {
      EnvironmentSettings world = check.of("environment", () -> doors.complete(said.environment()));
      ModelSettings model =
          check.of(
              "model",
              () ->
                  said.model()
                      .outside()
                      .map(outside -> said.model().answeredBy(doors.complete(outside)))
                      .orElse(said.model()));
      RunConfig config =
          said.taught(taught(said.warmStart(), folder))
              .completed(
                  named(jars, doors.jars()),
                  world,
                  model,
                  services(said.services(), folder),
                  check.of("versions", () -> versions(said, folder)),
                  check.of("aegis", () -> governed(said.aegis(), folder, doors, world)));
      usable = true;
      return new Recipe(config, doors);
    } finally {
      if (!usable) {
        doors.close();
      }
    }
  }

  /** The jars by the paths that the recipe gives, whatever files were opened in their place. */
  private static List<PluginJar> named(List<PluginJar> said, List<PluginJar> opened) {
    List<PluginJar> named = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      named.add(new PluginJar(said.get(i).jar(), opened.get(i).sha256()));
    }
    return named;
  }

  /** Says where in the recipe a refusal comes from. */
  private record Check(BiFunction<String, RuntimeException, RuntimeException> placed) {
    <T> T of(String path, Supplier<T> what) {
      try {
        return what.get();
      } catch (PluginException
          | HarnessException
          | ConfigException
          | IllegalArgumentException refused) {
        throw placed.apply(path, refused);
      }
    }
  }

  /** A checkpoint that is not there is a slip of the recipe, found before anything begins. */
  private static void requireCheckpoint(ConfigLoader.Loaded<RunConfig> loaded) {
    String checkpoint = loaded.configuration().model().checkpoint();
    if (!checkpoint.isEmpty()) {
      try {
        HfCheckpoint.requireAt(Path.of(checkpoint));
      } catch (IllegalArgumentException refused) {
        throw loaded.problem(
            "model.checkpoint", "model." + String.valueOf(refused.getMessage()), refused);
      }
    }
  }

  private static Path absolute(Path folder, Path path) {
    return folder.resolve(path).normalize();
  }

  private static ServiceSettings services(ServiceSettings said, Path folder) {
    return new ServiceSettings(
        read(folder, said.memory()),
        read(folder, said.skills()),
        said.completionCheck(),
        said.traceLog(),
        said.metrics(),
        said.turns(),
        said.telemetry());
  }

  private static WarmStartSettings taught(WarmStartSettings said, Path folder) {
    Path chats = said.chats().file();
    return chats == null ? said : said.with(said.chats().in(absolute(folder, chats)));
  }

  private static @Nullable Path read(Path folder, @Nullable Path path) {
    return path == null ? null : absolute(folder, path);
  }

  /** Red lines that name what there is, and a key that is there. */
  private static AegisSettings governed(
      AegisSettings said, Path folder, Doors doors, EnvironmentSettings world) {
    if (!said.redLines().equals(RedLines.NONE)) {
      List<String> problems = said.redLines().problems(doors.registry(doors.family(world)));
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(
            problems.stream()
                .map(problem -> "aegis.red_lines." + problem)
                .collect(Collectors.joining("\n")));
      }
    }
    if (said.metaAgent().wordings()) {
      requireWordings(doors.family(world), doors);
    }
    return said.signingKey() == null
        ? said
        : said.watched(
            said.redLines(),
            said.approval(),
            said.whenWaiting(),
            absolute(folder, said.signingKey()));
  }

  /** A recipe that asks for wordings gets some, of texts that there are. */
  private static void requireWordings(EnvironmentFamily family, Doors doors) {
    if (family.wordings().isEmpty()) {
      throw new IllegalArgumentException(
          "aegis.meta_agent.wordings is true, and the environment '%s' brings no wordings: leave the key out"
              .formatted(family.id()));
    }
    ProcessorRegistry registry = doors.registry(family);
    for (Wording wording : family.wordings()) {
      ArgumentValues.of(
          "aegis.meta_agent.wordings: processor '%s'".formatted(wording.processor()),
          registry.type(wording.processor()).parameters(),
          Map.of(wording.parameter(), wording.text()));
    }
  }

  /** Every version written out: a run does not depend on files that it has read. */
  private static Map<String, JsonNode> versions(RunConfig said, Path folder) {
    Map<String, JsonNode> versions = new LinkedHashMap<>();
    said.versions()
        .forEach(
            (name, version) ->
                versions.put(
                    name,
                    version.isTextual()
                        ? ConfigLoader.tree(absolute(folder, Path.of(version.textValue())))
                        : version));
    return versions;
  }

  /** Complete: loading what it is written as gives it again. */
  public RunConfig config() {
    return config;
  }

  public Doors doors() {
    return doors;
  }

  @Override
  public void close() {
    doors.close();
  }
}
