package dev.tandem.trainer.policy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The format of Tandem's own small models, with one special token per role: {@code <|system|> text
 * <|user|> text <|assistant|> text <|end|>}. The same format stands as a Jinja template in the
 * checkpoint's tokenizer_config.json, for programs that are not ours.
 */
public final class RoleTokenFormat implements ChatFormat {
  public static final String END = "<|end|>";

  /** Special tokens of the format, in the order of their ids. */
  public static final List<String> SPECIAL_TOKENS =
      List.of(
          END,
          marker(Message.Role.SYSTEM),
          marker(Message.Role.USER),
          marker(Message.Role.ASSISTANT));

  /** What tokenizer_config.json says. */
  public static final String TEMPLATE =
      "{% for m in messages %}{{ '<|' + m['role'] + '|> ' + m['content'] + ' ' }}"
          + "{% if m['role'] == 'assistant' %}{{ '<|end|> ' }}{% endif %}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|assistant|> ' }}{% endif %}";

  private final TextTokenizer tokenizer;
  private final Map<Message.Role, Integer> roleIds = new EnumMap<>(Message.Role.class);
  private final int endId;

  /**
   * @throws dev.tandem.trainer.model.shape.DecoderInputException if the tokenizer lacks one of the
   *     special tokens
   */
  public RoleTokenFormat(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    for (Message.Role role : Message.Role.values()) {
      roleIds.put(role, tokenizer.specialToken(marker(spoken(role))));
    }
    this.endId = tokenizer.specialToken(END);
  }

  /** This format has no marker for tools: their results read as a user's messages. */
  private static Message.Role spoken(Message.Role role) {
    return role == Message.Role.TOOL ? Message.Role.USER : role;
  }

  private static String marker(Message.Role role) {
    return "<|" + role.name().toLowerCase(Locale.ROOT) + "|>";
  }

  /** The prompt, the assistant's marker last. */
  @Override
  public int[] prompt(List<Message> messages, List<ToolSpec> tools) {
    if (!tools.isEmpty()) {
      throw noTools(tools.getFirst().name());
    }
    IntStream.Builder ids = IntStream.builder();
    for (Message message : messages) {
      ids.add(roleId(message.role()));
      for (int id : tokenizer.encode(message.content())) {
        ids.add(id);
      }
      if (message.role() == Message.Role.ASSISTANT) {
        ids.add(endId);
      }
    }
    ids.add(roleId(Message.Role.ASSISTANT));
    return ids.build().toArray();
  }

  private static DecoderInputException noTools(String such) {
    return new DecoderInputException(
        "this model's chat format cannot speak of tools such as %s; use a checkpoint whose chat template can"
            .formatted(such));
  }

  private int roleId(Message.Role role) {
    return Objects.requireNonNull(roleIds.get(role));
  }

  @Override
  public int[] response(String text) {
    int[] ids = tokenizer.encode(text);
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] = endId;
    return ended;
  }

  @Override
  public int[] response(String text, List<ToolUse> uses, List<ToolSpec> tools) {
    if (!uses.isEmpty()) {
      throw noTools(uses.getFirst().tool());
    }
    return response(text);
  }

  @Override
  public String text(int[] response) {
    return tokenizer.decode(
        Arrays.copyOf(response, isEnded(response) ? response.length - 1 : response.length));
  }

  @Override
  public boolean isEnded(int[] response) {
    return response.length > 0 && response[response.length - 1] == endId;
  }

  @Override
  public int[] stopIds() {
    return new int[] {endId};
  }
}
