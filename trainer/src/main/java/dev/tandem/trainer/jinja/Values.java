package dev.tandem.trainer.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as a template sees it. */
final class Values {
  private Values() {}

  static Value of(JsonNode json) {
    return switch (json.getNodeType()) {
      case STRING -> new Value.Text(json.textValue());
      case BOOLEAN -> Value.of(json.booleanValue());
      case NULL, MISSING -> new Value.None();
      case NUMBER -> number(json);
      case ARRAY -> {
        List<Value> items = new ArrayList<>();
        json.forEach(item -> items.add(of(item)));
        yield Value.Sequence.list(items);
      }
      case OBJECT -> {
        Map<String, Value> entries = new LinkedHashMap<>();
        json.properties().forEach(entry -> entries.put(entry.getKey(), of(entry.getValue())));
        yield new Value.Mapping(entries);
      }
      case BINARY, POJO ->
          throw new JinjaException("a value of type %s is no JSON".formatted(json.getNodeType()));
    };
  }

  private static Value number(JsonNode json) {
    if (!json.isIntegralNumber()) {
      return new Value.Real(json.doubleValue());
    }
    if (!json.canConvertToLong()) {
      throw new JinjaException("the integer %s does not fit into 64 bits".formatted(json));
    }
    return new Value.Int(json.longValue());
  }
}
