package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import java.util.Arrays;
import java.util.BitSet;
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

  /** In one part, always. */
  @Override
  public Transcripts transcripts(Chat chat, boolean observations) {
    Tape tape = new Tape();
    if (!chat.variables().path("tools").isEmpty()) {
      throw noTools(chat.variables().path("tools").path(0).path("function").path("name").asText());
    }
    for (JsonNode message : chat.messages()) {
      Message.Role role = role(Chat.role(message));
      boolean answers = role == Message.Role.ASSISTANT;
      if (!message.path("tool_calls").isEmpty()) {
        throw noTools(message.path("tool_calls").path(0).path("function").path("name").asText());
      }
      tape.add(roleId(role), false, false);
      boolean theirs = observations && (role == Message.Role.USER || role == Message.Role.TOOL);
      for (int id : tokenizer.encode(message.path("content").asText(""))) {
        tape.add(id, answers, theirs);
      }
      if (answers) {
        tape.add(endId, true, false);
      }
    }
    Transcript whole = tape.transcript();
    return new Transcripts(chat.hasAnswers() ? List.of(whole) : List.of(), 0);
  }

  private static Message.Role role(String name) {
    return Arrays.stream(Message.Role.values())
        .filter(role -> role.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new DecoderInputException(
                    "this model's chat format has no role '%s'; write system, user, assistant or tool"
                        .formatted(name)));
  }

  @Override
  public boolean[] observed(List<Message> messages, List<ToolSpec> tools) {
    int from = messages.size();
    while (from > 0 && messages.get(from - 1).role() != Message.Role.ASSISTANT) {
      from--;
    }
    boolean[] marks = new boolean[prompt(messages, tools).length];
    int at = prompt(messages.subList(0, from), tools).length - 1;
    for (Message message : messages.subList(from, messages.size())) {
      at++;
      int length = tokenizer.encode(message.content()).length;
      Arrays.fill(marks, at, at + length, message.role() != Message.Role.SYSTEM);
      at += length;
    }
    return marks;
  }

  /** Tokens one after the other, with their marks. */
  private static final class Tape {
    private final IntStream.Builder ids = IntStream.builder();
    private final BitSet said = new BitSet();
    private final BitSet observed = new BitSet();
    private int length;

    void add(int id, boolean says, boolean observes) {
      ids.add(id);
      said.set(length, says);
      observed.set(length++, observes);
    }

    Transcript transcript() {
      return new Transcript(ids.build().toArray(), marks(said), marks(observed));
    }

    private boolean[] marks(BitSet set) {
      boolean[] marks = new boolean[length];
      set.stream().forEach(i -> marks[i] = true);
      return marks;
    }
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
