package dev.tandem.rollout.server;

import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.spi.ModelProviderFactory;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Models of Anthropic. */
public final class AnthropicModels implements ModelProviderFactory {
  private final Function<String, @Nullable String> environment;

  public AnthropicModels() {
    this(System::getenv);
  }

  AnthropicModels(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  @Override
  public String id() {
    return "anthropic";
  }

  @Override
  public List<Parameter> parameters() {
    return ServerSettings.parameters("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY");
  }

  @Override
  public ModelProvider open(Arguments arguments) {
    return new ServedModel(ServerSettings.of(arguments, environment), new AnthropicApi());
  }
}
