package dev.tandem.trainer.plugin;

import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.recipe.PluginJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A run's copies of the jars that it began with, by their content hashes. A jar that is worked on
 * is built again and again; what a run learned is of no use without the code it learned it with.
 */
public final class KeptJars {
  private static final String FOLDER = "plugins";

  private final Path folder;

  private KeptJars(Path folder) {
    this.folder = folder;
  }

  /** Those of a run's folder; any other folder has none. */
  public static KeptJars of(Path run) {
    return new KeptJars(run.resolve(FOLDER));
  }

  /**
   * Copies jars that are not there yet.
   *
   * @param jars with content hashes
   * @throws PluginException if one has changed since it was opened
   */
  public void keep(List<PluginJar> jars) throws IOException {
    for (PluginJar jar : jars) {
      Path copy = copy(jar);
      if (!Files.exists(copy)) {
        Files.createDirectories(folder);
        AtomicFiles.write(copy, Files.readAllBytes(jar.jar()));
        if (!new Jar(copy, List.of()).contentHash().equals(jar.sha256())) {
          Files.delete(copy);
          throw new PluginException(
              "the plugin %s changed while the run began: begin it again when its build has ended"
                  .formatted(jar.jar()));
        }
      }
    }
  }

  /** The files to open for jars, in their order: the copies where there are any. */
  public List<PluginJar> inPlaceOf(List<PluginJar> jars) {
    return jars.stream()
        .map(
            jar ->
                jar.sha256() != null && Files.exists(copy(jar))
                    ? new PluginJar(copy(jar), jar.sha256())
                    : jar)
        .toList();
  }

  private Path copy(PluginJar jar) {
    return folder.resolve(jar.sha256() + ".jar");
  }
}
