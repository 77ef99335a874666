package dev.tandem.rollout.store;

import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the content that {@link ContentWriter} wrote, and finds again what refers to it. */
final class ContentReader {
  private static final Messages NO_MESSAGES = new Messages(null, null, 0);

  private final ByteSource in;
  private final List<Object> defined = new ArrayList<>();

  ContentReader(ByteSource in) {
    this.in = in;
  }

  /** A list that shares its beginning with others. */
  private record Messages(@Nullable Messages before, @Nullable Message last, int size) {
    List<Message> toList() {
      Message[] all = new Message[size];
      Messages some = this;
      for (int i = size - 1; i >= 0 && some != null && some.last != null; i--) {
        all[i] = some.last;
        some = some.before;
      }
      return Arrays.asList(all);
    }
  }

  /** Takes in the next definition, of this kind. */
  void define(ItemKind kind) throws IOException {
    defined.add(content(kind));
  }

  private Object content(ItemKind kind) throws IOException {
    return switch (kind) {
      case TEXT -> new String(in.get(in.count()), StandardCharsets.UTF_8);
      case RAW_TEXT -> rawText();
      case TRUE -> true;
      case FALSE -> false;
      case INTEGER -> (int) in.signed();
      case LONG -> in.signed();
      case DOUBLE -> decimal();
      case LIST -> list();
      case MAP -> map();
      case MESSAGE -> message();
      case MESSAGES -> messages();
      case OBSERVATION -> observation();
      case TOKEN_IDS -> tokenIds();
      case TASK -> task();
      case TRIGGER -> {
        List<String> parts = texts();
        yield new Trigger(0, Hook.valueOf(parts.get(0)), parts.get(1), parts.get(2));
      }
      case END, TURN, STEP, JUDGED, BROKEN ->
          throw new IllegalStateException(kind + " is no content");
    };
  }

  /** What was defined so many definitions ago. */
  <T> T refer(Class<T> type) throws IOException {
    int back = in.count();
    if (back < 1 || back > defined.size()) {
      throw new IOException("it refers to what is not there");
    }
    return type.cast(defined.get(defined.size() - back));
  }

  String text() throws IOException {
    return refer(String.class);
  }

  <T> List<T> references(Class<T> type) throws IOException {
    int count = in.count();
    List<T> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(refer(type));
    }
    return list;
  }

  List<String> texts() throws IOException {
    return references(String.class);
  }

  private String rawText() throws IOException {
    int length = in.count();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) in.count());
    }
    return text.toString();
  }

  double decimal() throws IOException {
    return Double.longBitsToDouble(in.fixed64());
  }

  private List<Object> list() throws IOException {
    return Collections.unmodifiableList(references(Object.class));
  }

  private Map<String, Object> map() throws IOException {
    int count = in.count() / 2;
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = text();
      map.put(key, refer(Object.class));
    }
    return Collections.unmodifiableMap(map);
  }

  private Message message() throws IOException {
    Message.Role role = Message.Role.valueOf(text());
    String content = text();
    List<ToolUse> uses = uses();
    return new Message(role, content, uses, text());
  }

  /** Three texts for each use. */
  List<ToolUse> uses() throws IOException {
    List<String> parts = texts();
    List<ToolUse> uses = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 3) {
      uses.add(new ToolUse(parts.get(i), parts.get(i + 1), parts.get(i + 2)));
    }
    return uses;
  }

  /** A list of messages that was defined. */
  List<Message> referredMessages() throws IOException {
    return refer(Messages.class).toList();
  }

  private Messages messages() throws IOException {
    if (in.get() == 0) {
      return NO_MESSAGES;
    }
    Messages before = refer(Messages.class);
    return new Messages(before, refer(Message.class), before.size + 1);
  }

  @SuppressWarnings("unchecked") // a map's keys are texts, a list of texts was written as one
  private Observation observation() throws IOException {
    String goal = text();
    String text = text();
    Map<String, Object> facts = refer(Map.class);
    boolean effective = flag();
    boolean admissible = flag();
    List<String> commands = refer(List.class);
    return new Observation(
        goal,
        text,
        new Facts(facts),
        effective,
        admissible ? Optional.of(commands) : Optional.empty());
  }

  boolean flag() throws IOException {
    return in.get() != 0;
  }

  private int[] tokenIds() throws IOException {
    int[] ids = new int[in.count()];
    long last = 0;
    for (int i = 0; i < ids.length; i++) {
      last += in.signed();
      ids[i] = (int) last;
    }
    return ids;
  }

  private TaskSpec task() throws IOException {
    List<String> parts = texts();
    return new TaskSpec(
        parts.get(0),
        parts.get(1),
        parts.get(2),
        Split.valueOf(parts.get(3)),
        parts.get(4),
        in.count());
  }
}
