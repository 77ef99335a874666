package dev.tandem.trainer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint says about chat: tokenizer_config.json, and chat_template.jinja, which goes
 * before the template in it.
 *
 * @param directory of the checkpoint
 * @param templates Jinja texts by name, such as {@code default} and {@code tool_use}; empty when
 *     there is none
 * @param specialTokens texts by role, such as {@code bos_token} and {@code eos_token}, of those
 *     that the tokenizer has
 */
public record TokenizerConfig(
    Path directory, Map<String, String> templates, Map<String, String> specialTokens) {
  /** The name of the template that is used when nothing asks for another. */
  public static final String DEFAULT_TEMPLATE = "default";

  private static final String FILE = "tokenizer_config.json";
  private static final String TEMPLATE_FILE = "chat_template.jinja";
  private static final String TEMPLATE_KEY = "chat_template";

  /** Keeps the order of the files. */
  public TokenizerConfig {
    templates = Collections.unmodifiableMap(new LinkedHashMap<>(templates));
    specialTokens = Collections.unmodifiableMap(new LinkedHashMap<>(specialTokens));
  }

  /**
   * Reads a checkpoint's files; an absent one says nothing.
   *
   * @throws CheckpointException when a file is damaged
   */
  public static TokenizerConfig read(Path directory) {
    Path file = directory.resolve(FILE);
    Map<String, String> templates = new LinkedHashMap<>();
    Map<String, String> specialTokens = new LinkedHashMap<>();
    if (Files.exists(file)) {
      JsonNode json = JsonFiles.read(file);
      readTemplates(file, json.path(TEMPLATE_KEY), templates);
      for (Map.Entry<String, JsonNode> entry : json.properties()) {
        if (entry.getKey().endsWith("_token")) {
          text(entry.getValue()).ifPresent(token -> specialTokens.put(entry.getKey(), token));
        }
      }
    }
    Path template = directory.resolve(TEMPLATE_FILE);
    if (Files.exists(template)) {
      try {
        templates.put(DEFAULT_TEMPLATE, Files.readString(template));
      } catch (IOException e) {
        throw new CheckpointException(template, "cannot be read (" + e.getMessage() + ")", e);
      }
    }
    return new TokenizerConfig(directory, templates, specialTokens);
  }

  /** One text, or a list of named ones. */
  private static void readTemplates(Path file, JsonNode json, Map<String, String> into) {
    if (json.isTextual()) {
      into.put(DEFAULT_TEMPLATE, json.textValue());
      return;
    }
    if (!json.isArray() && !json.isNull() && !json.isMissingNode()) {
      throw new CheckpointException(
          file, TEMPLATE_KEY + " must be a text or a list of named texts; correct the file");
    }
    for (JsonNode named : json) {
      if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
        throw new CheckpointException(
            file, "each %s needs a name and a template; correct the file".formatted(TEMPLATE_KEY));
      }
      into.put(named.path("name").textValue(), named.path("template").textValue());
    }
  }

  /** A token is written as its text or, by older tools, as an object with its content. */
  private static Optional<String> text(JsonNode token) {
    return Optional.ofNullable(
        token.isObject() ? token.path("content").textValue() : token.textValue());
  }
}
