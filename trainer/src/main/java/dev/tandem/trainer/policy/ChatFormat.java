package dev.tandem.trainer.policy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;

/**
 * How an agent's model is spoken to: messages to token ids, and its responses back to text. A
 * response that was sampled is kept as ids; only its text goes through here.
 */
public sealed interface ChatFormat permits RoleTokenFormat, TemplateFormat {

  /**
   * The prompt for an answer to the messages, ready for the assistant to begin.
   *
   * @param tools what the model may use
   * @throws dev.tandem.trainer.model.shape.DecoderInputException if there are tools and the format
   *     cannot speak of them
   */
  int[] prompt(List<Message> messages, List<ToolSpec> tools);

  /** The prompt without tools. */
  default int[] prompt(List<Message> messages) {
    return prompt(messages, List.of());
  }

  /** A response as the model would give it, its stop token last. */
  int[] response(String text);

  /**
   * A response that uses tools, as the model has to write it to be understood so.
   *
   * @param text what is said besides; some formats leave it out
   * @param uses without them it is {@link #response(String)}
   * @param tools what the model may use
   * @throws dev.tandem.trainer.model.shape.DecoderInputException if the format has no words for
   *     them
   */
  int[] response(String text, List<ToolUse> uses, List<ToolSpec> tools);

  /**
   * A conversation to learn from, in tokens.
   *
   * @param observations whether to tell what users and tools say
   * @throws dev.tandem.trainer.jinja.JinjaException if the chat template refuses it
   * @throws dev.tandem.trainer.model.shape.DecoderInputException if the format has no words for it
   */
  Transcripts transcripts(Chat chat, boolean observations);

  /**
   * Of the tokens of {@link #prompt}, those of what users and tools have said since the assistant
   * last spoke, [tokens].
   */
  boolean[] observed(List<Message> messages, List<ToolSpec> tools);

  /** The text of a response, without its stop token. */
  String text(int[] response);

  /** Whether the response ends with a stop token. */
  boolean isEnded(int[] response);

  /** Tokens that end a response, at least one. */
  int[] stopIds();
}
