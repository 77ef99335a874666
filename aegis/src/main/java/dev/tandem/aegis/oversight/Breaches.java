package dev.tandem.aegis.oversight;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds the step from one harness to another against red lines. */
final class Breaches {
  private static final String ANY = "*";
  private static final Pattern URL =
      Pattern.compile(
          "[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@\\s]*@)?(\\[[0-9A-Fa-f:]+]|[A-Za-z0-9._-]+)");

  private final RedLines lines;
  private final HarnessConfig before;
  private final HarnessConfig after;
  private final ProcessorRegistry registry;
  private final SortedMap<String, Present> old;
  private final SortedMap<String, Present> edited;
  private final List<String> found = new ArrayList<>();

  Breaches(RedLines lines, HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    this.lines = lines;
    this.before = before;
    this.after = after;
    this.registry = registry;
    this.old = processors(before);
    this.edited = processors(after);
  }

  /** A processor of a harness, with all parameters written out. */
  private record Present(ProcessorSpec spec, ProcessorType type) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Present(var othersSpec, var ignored) && spec.equals(othersSpec);
    }

    @Override
    public int hashCode() {
      return spec.hashCode();
    }
  }

  /** By the names that edits call them. */
  private SortedMap<String, Present> processors(HarnessConfig harness) {
    SortedMap<String, Present> processors = new TreeMap<>();
    for (ProcessorSpec spec : harness.processors()) {
      ProcessorType type = registry.resolve(spec);
      processors.put(type.id(), new Present(registry.complete(spec), type));
    }
    return processors;
  }

  static String type(String parameter) {
    return parameter.substring(0, parameter.indexOf('.'));
  }

  static String name(String parameter) {
    return parameter.substring(parameter.indexOf('.') + 1);
  }

  List<String> all() {
    types();
    lines.forbiddenParameters().forEach(this::parameter);
    lines.forbiddenTools().forEach(this::tool);
    hosts();
    slots();
    for (String hook : lines.protectedEvents()) {
      unchanged(
          "processors at '%s' may not be changed".formatted(hook),
          type -> type.hooks().stream().map(Hook::id).anyMatch(hook::equals));
    }
    for (String dimension : lines.protectedDimensions()) {
      unchanged(
          "processors of the dimension '%s' may not be changed".formatted(dimension),
          type -> RedLines.id(type.dimension()).equals(dimension));
    }
    lines.budgets().forEach(this::budget);
    return List.copyOf(found);
  }

  private void types() {
    edited.forEach(
        (id, present) -> {
          String type = present.spec().type();
          if (lines.forbiddenTypes().contains(type) && !old.containsKey(id)) {
            found.add("processor type '%s' is forbidden".formatted(type));
          }
        });
    old.forEach(
        (id, present) -> {
          String type = present.spec().type();
          if (lines.protectedTypes().contains(type) && !edited.containsKey(id)) {
            found.add("processor type '%s' is protected".formatted(type));
          }
        });
  }

  /** A processor that is put in counts as turned where it is not as it comes. */
  private void parameter(String parameter) {
    Object byDefault =
        registry.complete(ProcessorSpec.of(type(parameter))).parameters().get(name(parameter));
    boolean changed =
        edited.entrySet().stream()
            .filter(one -> one.getValue().spec().type().equals(type(parameter)))
            .anyMatch(
                one -> {
                  Present was = old.get(one.getKey());
                  return !Objects.equals(
                      was == null ? byDefault : was.spec().parameters().get(name(parameter)),
                      one.getValue().spec().parameters().get(name(parameter)));
                });
    if (changed) {
      found.add("parameter '%s' may not be changed".formatted(parameter));
    }
  }

  private void tool(String forbidden) {
    for (String allowed : after.slots().tools()) {
      if (overlap(allowed, forbidden)) {
        String both = allowed.length() >= forbidden.length() ? allowed : forbidden;
        if (before.slots().tools().stream().noneMatch(was -> covers(was, both))) {
          found.add("tool '%s' is forbidden".formatted(forbidden));
          return;
        }
      }
    }
  }

  private static boolean overlap(String one, String other) {
    return covers(one, other) || covers(other, one);
  }

  /** Whether every tool of the narrower pattern is one of the wider. */
  private static boolean covers(String wide, String narrow) {
    return wide.endsWith(ANY)
        ? narrow.startsWith(wide.substring(0, wide.length() - ANY.length()))
        : wide.equals(narrow);
  }

  private void hosts() {
    if (lines.forbiddenHosts().isEmpty()) {
      return;
    }
    SortedSet<String> added = hosts(after);
    added.removeAll(hosts(before));
    for (String host : added) {
      boolean forbidden =
          lines.forbiddenHosts().stream()
              .anyMatch(line -> line.equals(ANY) || host.equals(line) || host.endsWith("." + line));
      if (forbidden) {
        found.add("host '%s' is forbidden".formatted(host));
      }
    }
  }

  private static SortedSet<String> hosts(HarnessConfig harness) {
    SortedSet<String> hosts = new TreeSet<>();
    Stream.concat(
            harness.processors().stream().flatMap(spec -> spec.parameters().values().stream()),
            harness.slots().toMap().values().stream())
        .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.of(value))
        .forEach(
            value -> {
              Matcher url = URL.matcher(String.valueOf(value));
              while (url.find()) {
                hosts.add(url.group(1));
              }
            });
    return hosts;
  }

  private void slots() {
    Map<String, Object> were = before.slots().toMap();
    Map<String, Object> are = after.slots().toMap();
    for (String slot : lines.protectedSlots()) {
      if (!Objects.equals(were.get(slot), are.get(slot))) {
        found.add("slot '%s' may not be changed".formatted(slot));
      }
    }
  }

  private void unchanged(String line, Predicate<ProcessorType> concerned) {
    SortedSet<String> changed = new TreeSet<>();
    edited.forEach(
        (id, present) -> {
          if (concerned.test(present.type()) && !present.equals(old.get(id))) {
            changed.add(id);
          }
        });
    old.forEach(
        (id, present) -> {
          if (concerned.test(present.type()) && !present.equals(edited.get(id))) {
            changed.add(id);
          }
        });
    if (!changed.isEmpty()) {
      found.add("%s: %s".formatted(line, String.join(", ", changed)));
    }
  }

  private void budget(String parameter, double most) {
    edited.forEach(
        (id, present) -> {
          boolean concerned = present.spec().type().equals(type(parameter));
          if (concerned
              && number(present, parameter) > most
              && number(present, parameter) > number(old.get(id), parameter)) {
            found.add(
                "parameter '%s' may be at most %s, was %s"
                    .formatted(
                        parameter,
                        most == Math.rint(most) ? String.valueOf((long) most) : most,
                        present.spec().parameters().get(name(parameter))));
          }
        });
  }

  private static double number(@Nullable Present present, String parameter) {
    Object value = present == null ? null : present.spec().parameters().get(name(parameter));
    return value instanceof Number number ? number.doubleValue() : Double.NEGATIVE_INFINITY;
  }
}
