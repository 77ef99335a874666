package dev.tandem.trainer.warmstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Message;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.policy.Chat;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Conversations as JSONL, the form that transformers and TRL read: an object a line with {@code
 * messages}, and {@code tools} and {@code chat_template_kwargs} where there are any. Other keys are
 * passed over, and so are empty lines.
 */
public final class ChatFile {
  private static final String MESSAGES = "messages";
  private static final String VARIABLES = "chat_template_kwargs";
  private static final String FORM =
      "write {\"messages\": [{\"role\": \"user\", \"content\": \"..\"}, {\"role\": \"assistant\","
          + " \"content\": \"..\"}]}";
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path file;

  public ChatFile(Path file) {
    this.file = file;
  }

  /**
   * A conversation and where it stands.
   *
   * @param line counted from 1
   */
  public record Line(int line, Chat chat) {}

  /** Takes one conversation after the other. */
  @FunctionalInterface
  public interface Reader {
    void take(Line line);
  }

  public Path path() {
    return file;
  }

  /** What the file holds, in hexadecimal. */
  public String sha256() throws IOException {
    requireThere();
    return FileSeal.of(file).sha256();
  }

  /**
   * Reads the file line by line.
   *
   * @throws ChatFileException when it is not there, or a line is no conversation with an answer
   */
  public void read(Reader reader) throws IOException {
    requireThere();
    int line = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        line++;
        if (!text.isBlank()) {
          reader.take(new Line(line, chat(line, text)));
        }
      }
    } catch (CharacterCodingException e) {
      throw new ChatFileException(file, line + 1, "is not UTF-8 text; save the file as UTF-8");
    }
  }

  /** Every word of the messages' contents, split at white space. */
  public Set<String> words() throws IOException {
    Set<String> words = new TreeSet<>();
    read(
        line -> {
          for (JsonNode message : line.chat().messages()) {
            words.addAll(WordLevelTokenizer.words(message.path("content").asText("")));
          }
        });
    return words;
  }

  private void requireThere() {
    if (!Files.isRegularFile(file)) {
      throw new ChatFileException(
          file,
          (Files.exists(file) ? "is no file" : "does not exist")
              + "; name a JSONL file of conversations");
    }
  }

  private Chat chat(int line, String text) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ChatFileException(
          file, line, "is not JSON (%s); %s".formatted(e.getOriginalMessage(), FORM));
    }
    if (!(json.path(MESSAGES) instanceof ArrayNode messages) || messages.isEmpty()) {
      throw new ChatFileException(file, line, "has no messages; " + FORM);
    }
    for (int i = 0; i < messages.size(); i++) {
      check(line, i, messages.get(i));
    }
    ObjectNode variables = JsonNodeFactory.instance.objectNode();
    JsonNode tools = json.path(Chat.TOOLS);
    if (!tools.isMissingNode() && !tools.isNull()) {
      if (!tools.isArray()) {
        throw new ChatFileException(file, line, "tools must be a list, or be left out");
      }
      if (!tools.isEmpty()) {
        variables.set(Chat.TOOLS, tools);
      }
    }
    if (json.path(VARIABLES) instanceof ObjectNode others) {
      variables.setAll(others);
    }
    Chat chat = new Chat(messages, variables);
    if (!chat.hasAnswers()) {
      throw new ChatFileException(
          file, line, "has no message of the assistant to learn from; add one, or drop the line");
    }
    return chat;
  }

  private void check(int line, int number, JsonNode message) {
    if (!message.path("role").isTextual()) {
      throw new ChatFileException(file, line, "message %d has no role; %s".formatted(number, FORM));
    }
    JsonNode content = message.path("content");
    boolean says = content.isTextual() || content.isArray();
    if (!says && !(message.path("tool_calls") instanceof ArrayNode calls && !calls.isEmpty())) {
      throw new ChatFileException(
          file,
          line,
          "message %d, of role %s, has neither content nor tool_calls; %s"
              .formatted(number, message.path("role").asText(), FORM));
    }
  }

  /** Writes what an expert was asked and answered, a conversation for each answer. */
  public static void write(Path file, List<Demonstrator.Lesson> lessons) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Demonstrator.Lesson lesson : lessons) {
      List<Message> messages = new ArrayList<>(lesson.messages());
      messages.add(Message.assistant(lesson.move().text(), lesson.move().toolUses()));
      Chat chat = Chat.of(messages, lesson.tools());
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.set(MESSAGES, chat.messages());
      line.setAll(chat.variables());
      lines.append(JSON.writeValueAsString(line)).append('\n');
    }
    AtomicFiles.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
  }
}
