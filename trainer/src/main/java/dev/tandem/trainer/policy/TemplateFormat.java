package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The format of a published checkpoint: its chat template's text, with the special tokens that the
 * template writes and no others.
 */
public final class TemplateFormat implements ChatFormat {
  /**
   * The date that templates show to agents: a run must not depend on the day it runs. It is the one
   * that Llama 3's own template falls back to.
   */
  public static final LocalDateTime AGENT_DATE = LocalDateTime.of(2024, 7, 26, 0, 0);

  private static final String PROBE = "Tandem asks where this turn ends";

  private final ChatTemplate template;
  private final TextTokenizer tokenizer;
  private final ObjectNode variables;
  private final int endOfTurn;
  private final int[] stopIds;
  private final TemplateTranscripts transcripts;

  /**
   * @param variables further names for the template
   * @param endOfSequence ids at which the checkpoint's own settings end a response
   * @throws CheckpointException if nothing says which token ends a response
   */
  public TemplateFormat(
      TokenizerConfig config,
      ChatTemplate template,
      TextTokenizer tokenizer,
      ObjectNode variables,
      Collection<Integer> endOfSequence) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.variables = variables.deepCopy();
    Optional<Integer> ofTokenizer =
        Optional.ofNullable(config.specialTokens().get("eos_token"))
            .map(tokenizer.specialTokens()::get);
    this.endOfTurn =
        endOfTurn()
            .or(() -> ofTokenizer)
            .or(() -> endOfSequence.stream().findFirst())
            .orElseThrow(() -> noEnd(config.directory()));
    Set<Integer> stops = new LinkedHashSet<>(List.of(endOfTurn));
    stops.addAll(endOfSequence);
    ofTokenizer.ifPresent(stops::add);
    this.stopIds = stops.stream().mapToInt(Integer::intValue).toArray();
    this.transcripts =
        new TemplateTranscripts(
            template, tokenizer, this.variables, specialToken(tokenizer, endOfTurn));
  }

  private static CheckpointException noEnd(Path directory) {
    return new CheckpointException(
        directory,
        "names no token that ends a response; set eos_token_id in generation_config.json");
  }

  /**
   * The format of agents: no reasoning aloud where the template lets one choose, for a response is
   * a command of a few tokens, and a date that does not change.
   */
  static TemplateFormat forAgents(
      TokenizerConfig config, TextTokenizer tokenizer, Collection<Integer> endOfSequence) {
    return new TemplateFormat(
        config,
        new ChatTemplate(config, AGENT_DATE),
        tokenizer,
        JsonNodeFactory.instance.objectNode().put("enable_thinking", false),
        endOfSequence);
  }

  /** The special token that the template writes behind what the assistant said. */
  private Optional<Integer> endOfTurn() {
    String rendered =
        template.render(
            Chat.json(List.of(Message.user(PROBE), Message.assistant(PROBE))), variables, false);
    int end = rendered.lastIndexOf(PROBE);
    if (end < 0) {
      return Optional.empty();
    }
    String rest = rendered.substring(end + PROBE.length()).stripLeading();
    return tokenizer.specialTokens().keySet().stream()
        .filter(token -> !token.isEmpty() && rest.startsWith(token))
        .max(Comparator.comparingInt(String::length))
        .map(tokenizer::specialToken);
  }

  @Override
  public int[] prompt(List<Message> messages, List<ToolSpec> tools) {
    return tokenizer.encode(render(messages, tools, true));
  }

  private String render(List<Message> messages, List<ToolSpec> tools, boolean addGenerationPrompt) {
    return template.render(Chat.json(messages), told(tools), addGenerationPrompt);
  }

  private ObjectNode told(List<ToolSpec> tools) {
    ObjectNode told = variables.deepCopy();
    if (!tools.isEmpty()) {
      told.set(Chat.TOOLS, Chat.toolsAsJson(tools));
    }
    return told;
  }

  /**
   * The prompt for messages that say more than their role and content, such as tool calls.
   *
   * @throws dev.tandem.trainer.jinja.JinjaException if the template refuses them
   */
  public int[] prompt(ArrayNode messages) {
    return tokenizer.encode(template.render(messages, variables, true));
  }

  @Override
  public int[] response(String text) {
    int[] ids = tokenizer.encode(text);
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] = endOfTurn;
    return ended;
  }

  /**
   * What the template writes where it lets the assistant begin to speak, if that is read as the
   * same uses again.
   */
  @Override
  public int[] response(String text, List<ToolUse> uses, List<ToolSpec> tools) {
    if (uses.isEmpty()) {
      return response(text);
    }
    Message asked = Message.user(PROBE);
    String prompt = render(List.of(asked), tools, true);
    String whole = render(List.of(asked, Message.assistant(text, uses)), tools, false);
    String said = whole.startsWith(prompt) ? whole.substring(prompt.length()) : "";
    int end = said.indexOf(specialToken(tokenizer, endOfTurn));
    int[] response = response((end < 0 ? said : said.substring(0, end)).strip());
    if (!sameUses(uses, ToolCallText.parse(text(response)).toolUses())) {
      throw new DecoderInputException(
          "this model's chat template does not write the use of %s in a form that is understood: name a checkpoint whose template writes tool calls as Qwen 2.5's or Llama 3's does"
              .formatted(uses.stream().map(ToolUse::tool).toList()));
    }
    return response;
  }

  @Override
  public Transcripts transcripts(Chat chat, boolean observations) {
    return transcripts.of(chat, observations);
  }

  @Override
  public boolean[] observed(List<Message> messages, List<ToolSpec> tools) {
    return transcripts.latest(
        new Chat(Chat.json(messages), told(tools)), render(messages, tools, true));
  }

  private static String specialToken(TextTokenizer tokenizer, int id) {
    return tokenizer.specialTokens().entrySet().stream()
        .filter(token -> token.getValue() == id && !token.getKey().isEmpty())
        .findFirst()
        .map(Map.Entry::getKey)
        .orElse("\0");
  }

  /** Whether they are equal but for the names of the calls and the layout of the inputs. */
  private static boolean sameUses(List<ToolUse> some, List<ToolUse> others) {
    return some.stream()
        .map(use -> Map.entry(use.tool(), Chat.parsed(use.input())))
        .toList()
        .equals(
            others.stream().map(use -> Map.entry(use.tool(), Chat.parsed(use.input()))).toList());
  }

  @Override
  public String text(int[] response) {
    return tokenizer.text(
        Arrays.copyOf(response, isEnded(response) ? response.length - 1 : response.length));
  }

  @Override
  public boolean isEnded(int[] response) {
    return response.length > 0
        && Arrays.stream(stopIds).anyMatch(id -> id == response[response.length - 1]);
  }

  @Override
  public int[] stopIds() {
    return stopIds.clone();
  }
}
