package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.jinja.Template;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.time.LocalDateTime;
import java.util.Map;

/**
 * The chat template of a Hugging Face checkpoint, rendered as transformers' {@code
 * apply_chat_template} does.
 */
public final class ChatTemplate {
  private static final String TOOL_TEMPLATE = "tool_use";

  private final TokenizerConfig config;
  private final LocalDateTime now;
  private final Template plain;
  private final Template withTools;

  /**
   * @param now the time that a template sees; a fixed one makes renderings repeatable
   * @throws CheckpointException if the checkpoint has no template
   * @throws dev.tandem.trainer.jinja.JinjaException if the template cannot be read
   */
  public ChatTemplate(TokenizerConfig config, LocalDateTime now) {
    this.config = config;
    this.now = now;
    this.plain = template(config, TokenizerConfig.DEFAULT_TEMPLATE);
    this.withTools =
        config.templates().containsKey(TOOL_TEMPLATE) ? template(config, TOOL_TEMPLATE) : plain;
  }

  private static Template template(TokenizerConfig config, String name) {
    String source = config.templates().get(name);
    if (source == null) {
      throw new CheckpointException(
          config.directory(),
          config.templates().isEmpty()
              ? "has no chat template; add a chat_template.jinja"
              : "has no chat template named %s, only %s; add a chat_template.jinja"
                  .formatted(name, config.templates().keySet()));
    }
    return Template.parse(
        "%s: chat template%s"
            .formatted(
                config.directory(),
                name.equals(TokenizerConfig.DEFAULT_TEMPLATE) ? "" : " " + name),
        source);
  }

  /**
   * Renders a conversation.
   *
   * @param messages objects with role and content, and whatever else the template reads
   * @param variables further names for the template, such as {@code tools} or {@code
   *     enable_thinking}
   * @param addGenerationPrompt whether the text ends where the assistant begins to speak
   * @throws dev.tandem.trainer.jinja.JinjaException if the template refuses the conversation, or
   *     needs what is not supported; the message has its line
   */
  public String render(ArrayNode messages, ObjectNode variables, boolean addGenerationPrompt) {
    ObjectNode names = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, String> token : config.specialTokens().entrySet()) {
      names.put(token.getKey(), token.getValue());
    }
    // Without tools a template sees None, as transformers has it.
    names.putNull("tools");
    names.putNull("documents");
    names.setAll(variables);
    names.set("messages", messages);
    names.put("add_generation_prompt", addGenerationPrompt);
    JsonNode tools = names.path("tools");
    return (tools.isNull() ? plain : withTools).render(names, now);
  }
}
