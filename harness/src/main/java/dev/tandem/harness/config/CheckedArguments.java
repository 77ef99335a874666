package dev.tandem.harness.config;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ArgumentValues;
import java.util.List;
import java.util.Map;

/** Complete, checked parameters of one processor, as its factory reads them. */
record CheckedArguments(ArgumentValues given, Services services)
    implements ProcessorType.Arguments {
  CheckedArguments(String type, Map<String, Object> values, Services services) {
    this(new ArgumentValues("processor type '" + type + "'", values), services);
  }

  @Override
  public boolean flag(String name) {
    return given.flag(name);
  }

  @Override
  public int count(String name) {
    return given.count(name);
  }

  @Override
  public double number(String name) {
    return given.number(name);
  }

  @Override
  public String text(String name) {
    return given.text(name);
  }

  @Override
  public List<String> texts(String name) {
    return given.texts(name);
  }
}
