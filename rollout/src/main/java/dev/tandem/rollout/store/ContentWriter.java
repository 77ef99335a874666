package dev.tandem.rollout.store;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.TaskSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes content once: what was defined before is named by how many definitions ago that was, which
 * is the same number step after step and so costs little once compressed. Content is the same when
 * it encodes to the same bytes, the order of an object's keys included.
 */
final class ContentWriter {
  private final OutputStream out;
  private final Map<String, Integer> texts = new HashMap<>();
  private final Map<Message, Integer> messages = new HashMap<>();
  private final Map<Definition, Integer> definitions = new HashMap<>();
  private final IdentityHashMap<Observation, Integer> observations = new IdentityHashMap<>();
  private final Item item = new Item();
  private int defined;

  ContentWriter(OutputStream out) {
    this.out = out;
  }

  /** The bytes of a definition, its references as absolute places. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Definition(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Definition(byte[] others) && Arrays.equals(bytes, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /**
   * An item in the making. Whatever it refers to must have been defined before it is begun, because
   * references are counted from its own place.
   */
  final class Item {
    private final ByteSink absolute = new ByteSink();
    private final ByteSink relative = new ByteSink();

    private Item begin(ItemKind kind) {
      absolute.clear();
      relative.clear();
      return flag(kind.code());
    }

    Item refer(int place) {
      absolute.unsigned(place);
      relative.unsigned(defined - place);
      return this;
    }

    Item refer(int[] places) {
      number(places.length);
      for (int place : places) {
        refer(place);
      }
      return this;
    }

    Item flag(int value) {
      absolute.put(value);
      relative.put(value);
      return this;
    }

    Item flag(boolean value) {
      return flag(value ? 1 : 0);
    }

    Item number(long value) {
      absolute.unsigned(value);
      relative.unsigned(value);
      return this;
    }

    Item signed(long value) {
      absolute.signed(value);
      relative.signed(value);
      return this;
    }

    Item decimal(double value) {
      absolute.fixed64(Double.doubleToRawLongBits(value));
      relative.fixed64(Double.doubleToRawLongBits(value));
      return this;
    }

    Item bits(int value) {
      absolute.fixed32(value);
      relative.fixed32(value);
      return this;
    }

    Item bytes(byte[] value) {
      number(value.length);
      absolute.put(value);
      relative.put(value);
      return this;
    }

    /** Writes it as it is; nothing can refer to it. */
    void write() throws IOException {
      relative.writeTo(out);
    }

    private int define() throws IOException {
      Definition definition = new Definition(absolute.toArray());
      Integer place = definitions.get(definition);
      if (place == null) {
        place = writeDefinition();
        definitions.put(definition, place);
      }
      return place;
    }

    private int writeDefinition() throws IOException {
      write();
      return defined++;
    }
  }

  /** Begins an item that is no content. */
  Item item(ItemKind kind) {
    return item.begin(kind);
  }

  int text(String text) throws IOException {
    Integer known = texts.get(text);
    if (known == null) {
      known = encoded(text).writeDefinition();
      texts.put(text, known);
    }
    return known;
  }

  private Item encoded(String text) {
    try {
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[utf8.remaining()];
      utf8.get(bytes);
      return item.begin(ItemKind.TEXT).bytes(bytes);
    } catch (CharacterCodingException e) {
      item.begin(ItemKind.RAW_TEXT).number(text.length());
      text.chars().forEach(item::number);
      return item;
    }
  }

  int[] texts(List<String> list) throws IOException {
    int[] places = new int[list.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = text(list.get(i));
    }
    return places;
  }

  /** A value of a facts tree. */
  int value(Object value) throws IOException {
    return switch (value) {
      case String text -> text(text);
      case Boolean truth -> item.begin(truth ? ItemKind.TRUE : ItemKind.FALSE).define();
      case Integer number -> item.begin(ItemKind.INTEGER).signed(number).define();
      case Long number -> item.begin(ItemKind.LONG).signed(number).define();
      case Double number -> item.begin(ItemKind.DOUBLE).decimal(number).define();
      case List<?> list -> {
        int[] members = new int[list.size()];
        for (int i = 0; i < members.length; i++) {
          members[i] = value(list.get(i));
        }
        yield item.begin(ItemKind.LIST).refer(members).define();
      }
      case Map<?, ?> map -> {
        int[] members = new int[2 * map.size()];
        int next = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          members[next++] = text(String.valueOf(entry.getKey()));
          members[next++] = value(entry.getValue());
        }
        yield item.begin(ItemKind.MAP).refer(members).define();
      }
      default ->
          throw new IllegalArgumentException(
              "facts have no values of the type " + value.getClass().getName());
    };
  }

  int message(Message message) throws IOException {
    Integer known = messages.get(message);
    if (known == null) {
      int role = text(message.role().name());
      int content = text(message.content());
      int[] uses = uses(message.toolUses());
      int answered = text(message.toolUseId());
      known =
          item.begin(ItemKind.MESSAGE)
              .refer(role)
              .refer(content)
              .refer(uses)
              .refer(answered)
              .define();
      messages.put(message, known);
    }
    return known;
  }

  /** Three texts for each use. */
  int[] uses(List<ToolUse> uses) throws IOException {
    int[] parts = new int[3 * uses.size()];
    for (int i = 0; i < uses.size(); i++) {
      parts[3 * i] = text(uses.get(i).id());
      parts[3 * i + 1] = text(uses.get(i).tool());
      parts[3 * i + 2] = text(uses.get(i).input());
    }
    return parts;
  }

  /** A list of messages, as the longest list known and what it has more. */
  int messages(List<Message> list) throws IOException {
    int place = item.begin(ItemKind.MESSAGES).flag(false).define();
    for (Message message : list) {
      int last = message(message);
      place = item.begin(ItemKind.MESSAGES).flag(true).refer(place).refer(last).define();
    }
    return place;
  }

  int observation(Observation observation) throws IOException {
    Integer known = observations.get(observation);
    if (known == null) {
      int goal = text(observation.goal());
      int text = text(observation.text());
      int facts = value(observation.facts().tree());
      int[] admissible = texts(observation.commands());
      int listed = item.begin(ItemKind.LIST).refer(admissible).define();
      known =
          item.begin(ItemKind.OBSERVATION)
              .refer(goal)
              .refer(text)
              .refer(facts)
              .flag(observation.effective())
              .flag(observation.admissible().isPresent())
              .refer(listed)
              .define();
      observations.put(observation, known);
    }
    return known;
  }

  /** Token ids in their order, each as its distance from the one before. */
  int tokenIds(int[] ids) throws IOException {
    item.begin(ItemKind.TOKEN_IDS).number(ids.length);
    long last = 0;
    for (int id : ids) {
      item.signed(id - last);
      last = id;
    }
    return item.define();
  }

  int task(TaskSpec task) throws IOException {
    int[] parts =
        texts(
            List.of(
                task.family(),
                task.id(),
                task.category(),
                task.split().name(),
                task.contentHash()));
    return item.begin(ItemKind.TASK).refer(parts).number(task.stepLimit()).define();
  }

  /** What a trigger says, without its step. */
  int trigger(Trigger trigger) throws IOException {
    int[] parts = texts(List.of(trigger.hook().name(), trigger.processor(), trigger.field()));
    return item.begin(ItemKind.TRIGGER).refer(parts).define();
  }
}
