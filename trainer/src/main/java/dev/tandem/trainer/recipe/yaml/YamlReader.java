package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document into a tree and remembers the line of every key. Jackson's own tree
 * reader forgets lines and lets the last of two equal keys win, so this one walks the tokens.
 */
final class YamlReader {
  private static final YAMLFactory FACTORY = new YAMLFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String text;
  private final String source;
  private final Map<String, Integer> lines = new HashMap<>();

  private YamlReader(String text, String source) {
    this.text = text;
    this.source = source;
  }

  /**
   * A parsed document.
   *
   * @param root its value; null when the text holds nothing but blanks and comments
   * @param lines the line of every key and list item by dotted path, such as {@code grpo.clip[0]}
   */
  record Document(@Nullable JsonNode root, Map<String, Integer> lines) {}

  /**
   * Parses {@code text}.
   *
   * @param source what to call it in messages: the file as the user wrote it, or the option
   * @throws ConfigException when it is not one YAML document or gives a key twice
   */
  static Document read(String text, String source) {
    return new YamlReader(text, source).read();
  }

  private Document read() {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      JsonToken first = parser.nextToken();
      JsonNode root = first == null ? null : value(parser, first, "");
      if (parser.nextToken() != null) {
        throw problem(
            line(parser), "holds a second YAML document; keep one, without a --- line between");
      }
      return new Document(root, lines);
    } catch (JsonProcessingException notYaml) {
      throw syntax(notYaml);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private JsonNode value(YAMLParser parser, JsonToken token, String path) throws IOException {
    if (parser.isCurrentAlias()) {
      throw problem(
          line(parser),
          "uses the alias *%s; aliases are not supported, write the value out"
              .formatted(parser.getText()));
    }
    return switch (token) {
      case START_OBJECT -> mapping(parser, path);
      case START_ARRAY -> sequence(parser, path);
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(fraction(parser));
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw problem(line(parser), "has a value that cannot be read: " + parser.getText());
    };
  }

  /** An integer in the narrowest node, as Jackson does, so that equal trees are equal. */
  private static JsonNode integer(YAMLParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  /**
   * YAML spells infinity and not-a-number with a dot, which Jackson recognises but cannot parse.
   */
  private static double fraction(YAMLParser parser) throws IOException {
    return switch (parser.getText().toLowerCase(Locale.ROOT)) {
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      case ".nan" -> Double.NaN;
      default -> parser.getDoubleValue();
    };
  }

  private ObjectNode mapping(YAMLParser parser, String path) throws IOException {
    ObjectNode mapping = NODES.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      String keyPath = path.isEmpty() ? key : path + "." + key;
      int line = line(parser);
      if (mapping.has(key)) {
        throw problem(
            line,
            "gives %s a second time; the first is on line %d"
                .formatted(keyPath, lines.getOrDefault(keyPath, line)));
      }
      lines.put(keyPath, line);
      mapping.set(key, value(parser, parser.nextToken(), keyPath));
    }
    return mapping;
  }

  private ArrayNode sequence(YAMLParser parser, String path) throws IOException {
    ArrayNode sequence = NODES.arrayNode();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      String itemPath = path + "[" + sequence.size() + "]";
      lines.put(itemPath, line(parser));
      sequence.add(value(parser, token, itemPath));
    }
    return sequence;
  }

  private ConfigException syntax(JsonProcessingException notYaml) {
    JsonLocation location = notYaml.getLocation();
    int line = location == null ? 1 : Math.max(1, location.getLineNr());
    String detail = notYaml.getOriginalMessage().lines().findFirst().orElse("unreadable");
    if (notYaml.getCause() instanceof MarkedYAMLException marked) {
      // Jackson hands on the start of the enclosing construct; the mark of the problem is exact.
      Mark mark = marked.getProblemMark();
      line = mark == null ? line : mark.getLine() + 1;
      detail = marked.getProblem();
    }
    String content = text.lines().skip(line - 1L).findFirst().orElse("");
    String indentation = content.substring(0, content.length() - content.stripLeading().length());
    return problem(
        line,
        indentation.indexOf('\t') >= 0
            ? "is indented with a tab; YAML wants spaces"
            : "is not YAML: " + detail.strip());
  }

  private ConfigException problem(int line, String problem) {
    return new ConfigException(source.startsWith("--") ? source : source + ":" + line, problem);
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }
}
