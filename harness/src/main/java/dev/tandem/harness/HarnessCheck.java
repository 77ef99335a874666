package dev.tandem.harness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with a list of processors. */
final class HarnessCheck {
  private HarnessCheck() {}

  /**
   * @param processor position in the list
   * @param parameter the parameter it is about, null when it is about the processor itself
   */
  record Problem(int processor, @Nullable String parameter, String text) {}

  static List<Problem> problems(List<ProcessorSpec> processors, ProcessorRegistry registry) {
    List<Problem> problems = new ArrayList<>();
    Map<String, String> holders = new HashMap<>();
    for (int i = 0; i < processors.size(); i++) {
      ProcessorSpec spec = processors.get(i);
      Optional<ProcessorType> known = registry.find(spec.type());
      if (known.isEmpty()) {
        problems.add(new Problem(i, null, registry.unknownType(spec.type())));
        continue;
      }
      ProcessorType type = known.get();
      String holder = holders.putIfAbsent(type.group(), type.id());
      if (holder != null) {
        problems.add(
            new Problem(
                i,
                null,
                "processors '%s' and '%s' are both of the singleton group '%s': remove one"
                    .formatted(holder, type.id(), type.group())));
      }
      checkParameters(i, spec, type, problems);
    }
    return problems;
  }

  private static void checkParameters(
      int index, ProcessorSpec spec, ProcessorType type, List<Problem> problems) {
    spec.parameters()
        .forEach(
            (name, value) -> {
              Optional<Parameter> parameter = type.parameter(name);
              String problem =
                  parameter.isEmpty()
                      ? "unknown parameter '%s' of '%s'%s"
                          .formatted(
                              name,
                              type.id(),
                              Suggestion.forUnknown(
                                  name, type.parameters().stream().map(Parameter::name).toList()))
                      : parameter
                          .get()
                          .problem(value)
                          .map(text -> "'" + type.id() + "': " + text)
                          .orElse("");
              if (!problem.isEmpty()) {
                problems.add(new Problem(index, name, problem));
              }
            });
  }
}
