package dev.tandem.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import dev.tandem.trainer.recipe.yaml.OneWord;
import dev.tandem.trainer.recipe.yaml.Others;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The world to learn in: {@code house}, or {@code {name: shop, customers: 3}}.
 *
 * @param name id of the environment family
 * @param parameters what the family declares, as the recipe gives it
 */
@OneWord
public record EnvironmentSettings(
    String name, @JsonAnyGetter @Others Map<String, Object> parameters) {
  public EnvironmentSettings {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
  }

  /** A family as it comes. */
  public EnvironmentSettings(String name) {
    this(name, Map.of());
  }
}
