package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import java.util.List;

/**
 * The door for models from outside. An implementation has a public constructor without parameters
 * and is named in {@code META-INF/services/dev.tandem.rollout.spi.ModelProviderFactory} of its jar;
 * a recipe names it by {@link #id}. What comes through this door answers and is not trained.
 */
public interface ModelProviderFactory {
  /** Its name in recipes: lower-case words with underscores. */
  String id();

  /** What a recipe may set. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /**
   * A provider, to be closed by the caller.
   *
   * @param arguments every one of {@link #parameters}, checked
   * @throws Model.ModelException when it cannot be reached
   */
  ModelProvider open(Arguments arguments);
}
