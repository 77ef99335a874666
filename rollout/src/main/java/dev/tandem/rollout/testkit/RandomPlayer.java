package dev.tandem.rollout.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.InputSchema;
import dev.tandem.harness.tool.ToolSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Does whatever may be done, by chance: admissible commands, tools with input by their schemas and
 * words it has been told, and now and then what nobody admits.
 */
final class RandomPlayer implements Play.Player {
  /** A command of no world. */
  static final String NONSENSE = "xyzzy plugh 42";

  private static final JsonMapper JSON = new JsonMapper();
  private static final double FOLLY = 0.1;
  private static final int DEPTH = 4;

  private final SplittableRandom random;
  private final List<ToolSpec> tools;
  private final Set<String> words = new LinkedHashSet<>();

  RandomPlayer(SplittableRandom random, List<ToolSpec> tools) {
    this.random = random;
    this.tools = tools;
  }

  @Override
  public Optional<Deed> next(int step, Observation observation) {
    hear(observation.goal());
    hear(observation.text());
    boolean useful = random.nextDouble() >= FOLLY;
    List<String> commands = observation.commands();
    if (useful && !tools.isEmpty() && (commands.isEmpty() || random.nextBoolean())) {
      Optional<Deed> use = use(tools.get(random.nextInt(tools.size())));
      if (use.isPresent()) {
        return use;
      }
    }
    if (useful && !commands.isEmpty()) {
      return Optional.of(Deed.command(commands.get(random.nextInt(commands.size()))));
    }
    return Optional.of(Deed.command(useful || tools.isEmpty() ? babble() : NONSENSE));
  }

  private String babble() {
    return random.nextBoolean() ? NONSENSE : word();
  }

  private void hear(String text) {
    for (String word : text.split("[^\\p{Alnum}_-]+", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
  }

  private String word() {
    List<String> known = new ArrayList<>(words);
    return known.isEmpty() ? NONSENSE : known.get(random.nextInt(known.size()));
  }

  /** The use of a tool, where an input that its schema takes is found. */
  Optional<Deed> use(ToolSpec tool) {
    try {
      String input = value(JSON.readTree(tool.inputSchema()), DEPTH).toString();
      return InputSchema.of(tool).problems(input).isEmpty()
          ? Optional.of(new Deed(tool.name(), input))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tool's schema has been read before", e);
    }
  }

  private JsonNode value(JsonNode schema, int depth) {
    if (schema.path("enum").isArray() && !schema.path("enum").isEmpty()) {
      return schema.path("enum").get(random.nextInt(schema.path("enum").size()));
    }
    return switch (schema.path("type").asText("object")) {
      case "string" -> JSON.getNodeFactory().textNode(word());
      case "integer", "number" -> number(schema);
      case "boolean" -> JSON.getNodeFactory().booleanNode(random.nextBoolean());
      case "array" -> list(schema, depth);
      case "null" -> JSON.getNodeFactory().nullNode();
      default -> object(schema, depth);
    };
  }

  private JsonNode number(JsonNode schema) {
    int least = schema.path("minimum").asInt(0);
    int most = Math.max(least, schema.path("maximum").asInt(least + 20));
    return JSON.getNodeFactory().numberNode(random.nextInt(least, most + 1));
  }

  private JsonNode list(JsonNode schema, int depth) {
    ArrayNode list = JSON.createArrayNode();
    int least = schema.path("minItems").asInt(1);
    for (int i = 0; i < least && depth > 0; i++) {
      list.add(value(schema.path("items"), depth - 1));
    }
    return list;
  }

  private JsonNode object(JsonNode schema, int depth) {
    Set<String> required = new LinkedHashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    ObjectNode object = JSON.createObjectNode();
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              if (depth > 0 && (required.contains(property.getKey()) || random.nextBoolean())) {
                object.set(property.getKey(), value(property.getValue(), depth - 1));
              }
            });
    return object;
  }
}
