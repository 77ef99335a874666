package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.plugin.KeptJars;
import dev.tandem.trainer.plugin.PluginException;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.PluginJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Jars with environments, processors and providers: shared by the verbs that have no recipe. */
final class PluginOption {
  @Option(
      names = "--plugin",
      paramLabel = "JAR",
      description =
          "A jar with environments, processors or model providers; repeatable. A run's folder"
              + " brings its own.")
  private List<Path> jars = List.of();

  List<PluginJar> jars() {
    return jars.stream().map(PluginJar::new).toList();
  }

  /**
   * What comes with Tandem, in these jars, and in those of finished runs.
   *
   * @param places files, and folders of which some may be runs
   */
  Doors doors(List<Path> places) {
    Map<Path, PluginJar> all = new LinkedHashMap<>();
    for (PluginJar jar : jars()) {
      all.put(jar.jar().toAbsolutePath().normalize(), jar);
    }
    for (Path place : places) {
      Path config = place.resolve(RunFiles.CONFIG);
      if (Files.isDirectory(place) && Files.isRegularFile(config)) {
        List<PluginJar> said = Recipe.plugins(config);
        List<PluginJar> kept = KeptJars.of(place).inPlaceOf(said);
        for (int i = 0; i < said.size(); i++) {
          all.putIfAbsent(said.get(i).jar(), kept.get(i));
        }
      }
    }
    try {
      return Doors.open(List.copyOf(all.values()));
    } catch (PluginException refused) {
      throw UserException.usage(String.valueOf(refused.getMessage()));
    }
  }
}
