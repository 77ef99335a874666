package dev.tandem.harness.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import dev.tandem.harness.value.Suggestion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a configuration token by token, so that every complaint has its line. One per text. */
final class HarnessParser {
  private static final String PROCESSORS = "processors";
  private static final String TYPE = "type";
  private static final List<String> KEYS = List.of("contract", "description", PROCESSORS, "slots");

  private static final Pattern YAML_PROBLEM =
      Pattern.compile("(?m)^(\\S.*)\\R in .*, line (\\d{1,9}),");

  private final String source;
  private final ProcessorRegistry registry;
  private final List<String> problems = new ArrayList<>();
  private final List<ProcessorSpec> processors = new ArrayList<>();
  private Slots slots = Slots.DEFAULT;
  private String description = "";

  /** Where each processor stands in the text. */
  private final List<Lines> lines = new ArrayList<>();

  HarnessParser(String source, ProcessorRegistry registry) {
    this.source = source;
    this.registry = registry;
  }

  private record Lines(int processor, Map<String, Integer> parameters) {
    int of(@Nullable String parameter) {
      return parameter == null ? processor : parameters.getOrDefault(parameter, processor);
    }
  }

  HarnessConfig parse(String text) {
    JsonFactory factory =
        text.stripLeading().startsWith("{") ? new JsonFactory() : new YAMLFactory();
    try (JsonParser parser = factory.createParser(text)) {
      parser.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
      readConfig(parser);
    } catch (JsonProcessingException e) {
      problems.clear(); // what was made of the text before it is no harness's mistake
      notReadable(e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from a string cannot fail", e);
    }
    HarnessException.throwIfAny(problems);
    return new HarnessConfig(processors, slots, description, HarnessConfig.CONTRACT);
  }

  /** YAML's messages begin with where it was, and go on with what is wrong and where that is. */
  private void notReadable(JsonProcessingException e) {
    JsonLocation where = e.getLocation();
    int line = where == null ? 1 : Math.max(1, where.getLineNr());
    String what = e.getOriginalMessage().lines().findFirst().orElse("not readable");
    Matcher problem = YAML_PROBLEM.matcher(e.getOriginalMessage());
    while (problem.find()) {
      what = problem.group(1);
      line = Integer.parseInt(problem.group(2));
    }
    problem(line, what);
  }

  private void readConfig(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      problem(line(parser), "a harness must be an object with the key 'processors'");
      return;
    }
    boolean found = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = line(parser);
      switch (key) {
        case PROCESSORS -> {
          found = true;
          parser.nextToken();
          readProcessors(parser);
        }
        case "slots" -> {
          parser.nextToken();
          readSlots(parser);
        }
        case "description" -> {
          @Nullable Object value = readValue(parser, key);
          if (value != null) {
            description = value.toString();
          }
        }
        case "contract" -> {
          @Nullable Object value = readValue(parser, key);
          if (value != null && !value.equals(HarnessConfig.CONTRACT)) {
            problem(
                line,
                value instanceof Integer contract
                    ? HarnessCheck.foreignContract(contract)
                    : "'contract' must be a whole number, was " + value);
          }
        }
        default -> {
          problem(line, "unknown key '%s'%s".formatted(key, Suggestion.forUnknown(key, KEYS)));
          parser.nextToken();
          parser.skipChildren();
        }
      }
    }
    if (!found) {
      problem(1, "a harness needs the key 'processors'");
    }
    if (parser.nextToken() != null) {
      problem(line(parser), "a harness must be one document, this is a second one");
    }
    for (HarnessCheck.Problem problem : HarnessCheck.problems(processors, registry)) {
      problem(lines.get(problem.processor()).of(problem.parameter()), problem.text());
    }
  }

  private void readSlots(JsonParser parser) throws IOException {
    int start = line(parser);
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      problem(start, "'slots' must be an object");
      parser.skipChildren();
      return;
    }
    SortedMap<String, Object> values = new TreeMap<>();
    Map<String, Integer> valueLines = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      valueLines.put(key, line(parser));
      Object value = readValue(parser, key);
      if (value != null) {
        values.put(key, value);
      }
    }
    SortedMap<String, String> wrong = Slots.problems(values);
    wrong.forEach((key, text) -> problem(valueLines.getOrDefault(key, start), text));
    if (wrong.isEmpty()) {
      slots = Slots.of(values);
    }
  }

  private void readProcessors(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      problem(line(parser), "'processors' must be a list");
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      readProcessor(parser);
    }
  }

  private void readProcessor(JsonParser parser) throws IOException {
    int start = line(parser);
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      problem(start, "a processor must be an object with the key 'type', was " + parser.getText());
      parser.skipChildren();
      return;
    }
    String type = null;
    int typeLine = start;
    SortedMap<String, Object> parameters = new TreeMap<>();
    Map<String, Integer> parameterLines = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = line(parser);
      Object value = readValue(parser, key);
      if (value == null) {
        continue;
      }
      if (key.equals(TYPE)) {
        type = value.toString();
        typeLine = line;
      } else {
        parameters.put(key, value);
        parameterLines.put(key, line);
      }
    }
    if (type == null) {
      problem(start, "a processor needs the key 'type'");
    } else {
      processors.add(new ProcessorSpec(type, parameters));
      lines.add(new Lines(typeLine, parameterLines));
    }
  }

  /** The value of a key, or null when it is none, which is then a problem of its own. */
  private @Nullable Object readValue(JsonParser parser, String key) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.START_ARRAY) {
      return readTexts(parser, key);
    }
    Object scalar = scalar(parser);
    if (scalar == null) {
      problem(
          line(parser),
          "'%s' must be true, false, a number, text or a list of texts, was %s"
              .formatted(key, token == JsonToken.VALUE_NULL ? "nothing" : "an object"));
      parser.skipChildren();
    }
    return scalar;
  }

  private @Nullable List<String> readTexts(JsonParser parser, String key) throws IOException {
    int start = line(parser);
    List<String> texts = new ArrayList<>();
    boolean fine = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      fine &= parser.currentToken() == JsonToken.VALUE_STRING;
      texts.add(parser.currentToken().isScalarValue() ? parser.getText() : "");
      parser.skipChildren();
    }
    if (!fine) {
      problem(start, "'%s' must be a list of texts: put quotes round each".formatted(key));
    }
    return fine ? texts : null;
  }

  private static @Nullable Object scalar(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      return parser.getText();
    } else if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return parser.getBooleanValue();
    } else if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      return parser.getNumberValue();
    }
    return null;
  }

  private void problem(int line, String text) {
    problems.add("%s:%d: %s".formatted(source, line, text));
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }
}
