package dev.tandem.rollout.server;

import dev.tandem.harness.model.Model.FailureKind;
import dev.tandem.harness.model.Model.ModelException;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a model is served and how it is asked.
 *
 * @param url what the API's paths are below of
 * @param model its name there
 * @param key empty for a server that asks for none
 * @param timeout for one answer, the whole of it
 * @param responseTokens most tokens of an answer
 * @param temperature 1 leaves it to the server, since some models take no other
 * @param atOnce most requests at the same time
 */
record ServerSettings(
    URI url,
    String model,
    Key key,
    Duration timeout,
    int responseTokens,
    double temperature,
    int atOnce) {
  private static final String URL = "url";
  private static final String MODEL = "model";
  private static final String KEY_VARIABLE = "key_variable";
  private static final String TIMEOUT = "timeout";
  private static final String RESPONSE_TOKENS = "response_tokens";
  private static final String TEMPERATURE = "temperature";
  private static final String AT_ONCE = "at_once";

  /** A key is sent unencrypted to this machine only. */
  private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

  /** A secret that cannot be printed by mistake. */
  record Key(String secret) {
    static final Key NONE = new Key("");

    boolean isThere() {
      return !secret.isEmpty();
    }

    /** A text of the server's, in which it may have told the key. */
    String hiddenIn(String text) {
      return isThere() ? text.replace(secret, "(key)") : text;
    }

    @Override
    public String toString() {
      return isThere() ? "(key)" : "(no key)";
    }
  }

  static List<Parameter> parameters(String url, String keyVariable) {
    return List.of(
        new Parameter.Text(URL, url),
        new Parameter.Text(MODEL, ""),
        new Parameter.Text(KEY_VARIABLE, keyVariable),
        new Parameter.Decimal(TIMEOUT, 120, 0.01, 3600),
        new Parameter.Count(RESPONSE_TOKENS, 4096, 1, 1_000_000),
        new Parameter.Decimal(TEMPERATURE, 1, 0, 2),
        new Parameter.Count(AT_ONCE, 8, 1, 1024));
  }

  /**
   * @param environment the variables of the process, by name
   */
  static ServerSettings of(Arguments arguments, Function<String, @Nullable String> environment) {
    URI url = url(arguments.text(URL));
    if (arguments.text(MODEL).isBlank()) {
      throw rejected("model is empty: name the model that is served at " + url);
    }
    Key key = key(arguments.text(KEY_VARIABLE), environment);
    if (key.isThere() && !url.getScheme().equals("https") && !HERE.contains(url.getHost())) {
      throw rejected(
          "url %s is not encrypted, and the key would be sent there: use https, or key_variable: ''"
              .formatted(url));
    }
    return new ServerSettings(
        url,
        arguments.text(MODEL),
        key,
        Duration.ofMillis(Math.round(1000 * arguments.number(TIMEOUT))),
        arguments.count(RESPONSE_TOKENS),
        arguments.number(TEMPERATURE),
        arguments.count(AT_ONCE));
  }

  private static URI url(String text) {
    try {
      URI url = URI.create(text.replaceFirst("/+$", ""));
      if (Set.of("http", "https").contains(String.valueOf(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getQuery() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw rejected("url '%s' is none: %s".formatted(text, e.getMessage()));
    }
    throw rejected("url must be like https://host/v1, was '%s'".formatted(text));
  }

  private static Key key(String variable, Function<String, @Nullable String> environment) {
    if (variable.isEmpty()) {
      return Key.NONE;
    }
    String key = Optional.ofNullable(environment.apply(variable)).map(String::strip).orElse("");
    if (key.isEmpty()) {
      throw rejected(
          "the environment variable %s is not set: export the key in it, or say key_variable: '' for a server that asks for none"
              .formatted(variable));
    }
    if (!key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw rejected("the environment variable %s does not hold a key".formatted(variable));
    }
    return new Key(key);
  }

  static ModelException rejected(String message) {
    return new ModelException(FailureKind.REJECTED, message, new IllegalArgumentException(message));
  }
}
