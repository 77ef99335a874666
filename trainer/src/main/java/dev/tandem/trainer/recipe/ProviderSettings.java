package dev.tandem.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.harness.model.Price;
import dev.tandem.trainer.recipe.yaml.OneWord;
import dev.tandem.trainer.recipe.yaml.Others;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model that answers and is not trained: {@code {provider: NAME, ...parameters}}.
 *
 * @param provider id of the factory; {@link #DECODER} for a checkpoint in this process
 * @param price what it charges; nothing if not given
 * @param parameters what the factory declares, as the recipe gives it
 */
@OneWord
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProviderSettings(
    String provider, @Nullable Price price, @JsonAnyGetter @Others Map<String, Object> parameters) {
  /** The decoder of this process; its parameter is {@code checkpoint}. */
  public static final String DECODER = "decoder";

  /** Parameter of the decoder: which weights, in the place of those that act. */
  public static final String CHECKPOINT = "checkpoint";

  public ProviderSettings {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
  }

  /** Whether it is the decoder with the weights that act. */
  boolean isActor() {
    return provider.equals(DECODER)
        && String.valueOf(parameters.getOrDefault(CHECKPOINT, "")).isEmpty();
  }

  /** A provider that charges nothing. */
  public ProviderSettings(String provider, Map<String, Object> parameters) {
    this(provider, null, parameters);
  }
}
