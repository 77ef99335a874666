package dev.tandem.trainer.recipe;

import dev.tandem.trainer.recipe.yaml.OneWord;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A jar with environments, processors or model providers from outside.
 *
 * @param jar relative to the recipe's folder; absolute in a run's config.yaml
 * @param sha256 its content hash; the jar is refused when it has another. A run's config.yaml has
 *     it, so that a run never goes on with changed code
 */
@OneWord
public record PluginJar(Path jar, @Nullable String sha256) {
  /** A jar whose content nobody vouches for. */
  public PluginJar(Path jar) {
    this(jar, null);
  }
}
