package dev.tandem.rollout.server;

import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.spi.ModelProviderFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Models of OpenAI, and of every server that speaks as it does. */
public final class OpenAiModels implements ModelProviderFactory {
  private static final String STRUCTURED = "structured";
  private static final String TOKEN_LIMIT = "token_limit";

  private final Function<String, @Nullable String> environment;

  public OpenAiModels() {
    this(System::getenv);
  }

  OpenAiModels(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  @Override
  public String id() {
    return "openai";
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all =
        new ArrayList<>(ServerSettings.parameters("https://api.openai.com/v1", "OPENAI_API_KEY"));
    all.add(
        new Parameter.Choice(
            STRUCTURED, "json_schema", List.of("json_schema", "json_object", "none")));
    all.add(
        new Parameter.Choice(
            TOKEN_LIMIT, "max_completion_tokens", List.of("max_completion_tokens", "max_tokens")));
    return all;
  }

  @Override
  public ModelProvider open(Arguments arguments) {
    return new ServedModel(
        ServerSettings.of(arguments, environment),
        new OpenAiApi(arguments.text(STRUCTURED), arguments.text(TOKEN_LIMIT)));
  }
}
