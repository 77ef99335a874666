package dev.tandem.harness.config;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import java.util.List;
import java.util.Map;

/** Complete, checked parameters of one processor, as its factory reads them. */
public record CheckedArguments(String type, Map<String, Object> values, Services services)
    implements ProcessorType.Arguments {
  @Override
  public boolean flag(String name) {
    return value(name, Boolean.class);
  }

  @Override
  public int count(String name) {
    return value(name, Integer.class);
  }

  @Override
  public double number(String name) {
    return value(name, Double.class);
  }

  @Override
  public String text(String name) {
    return value(name, String.class);
  }

  @Override
  public List<String> texts(String name) {
    return ((List<?>) value(name, List.class)).stream().map(String.class::cast).toList();
  }

  private <T> T value(String name, Class<T> kind) {
    Object value = values.get(name);
    if (!kind.isInstance(value)) {
      throw new IllegalArgumentException(
          "processor type '%s' declares no %s parameter '%s': its factory must not read one"
              .formatted(type, kind.getSimpleName(), name));
    }
    return kind.cast(value);
  }
}
