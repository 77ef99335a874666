package dev.tandem.harness.config;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with a list of processors. */
public final class HarnessCheck {
  private HarnessCheck() {}

  /**
   * @param processor position in the list
   * @param parameter the parameter it is about, null when it is about the processor itself
   */
  record Problem(int processor, @Nullable String parameter, String text) {}

  static String foreignContract(int contract) {
    return "the harness is written for contract %d and this build keeps contract %d: use the build it was written for"
        .formatted(contract, HarnessConfig.CONTRACT);
  }

  public static List<Problem> problems(List<ProcessorSpec> processors, ProcessorRegistry registry) {
    List<Problem> problems = new ArrayList<>();
    Map<String, String> holders = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < processors.size(); i++) {
      ProcessorSpec spec = processors.get(i);
      Optional<ProcessorType> declared = registry.find(spec.type());
      if (declared.isEmpty()) {
        problems.add(new Problem(i, null, registry.unknownType(spec.type())));
        continue;
      }
      int known = problems.size();
      checkParameters(i, spec, declared.get(), problems);
      ProcessorType type = declared.get();
      if (problems.size() == known) {
        try {
          type = registry.resolve(spec);
        } catch (HarnessException e) {
          for (String problem : e.problems()) {
            problems.add(new Problem(i, null, problem));
          }
          continue;
        }
      }
      String holder = holders.putIfAbsent(type.group(), type.id());
      if (holder != null) {
        problems.add(
            new Problem(
                i,
                null,
                "processors '%s' and '%s' are both of the singleton group '%s': remove one"
                    .formatted(holder, type.id(), type.group())));
      } else if (!names.add(type.id())) {
        problems.add(
            new Problem(i, null, "two processors are named '%s': rename one".formatted(type.id())));
      }
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
