package dev.tandem.trainer.recipe;

import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.rollout.spi.EnvironmentFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The environment families that recipes can name, found by service loader. */
public final class Environments {
  private static final SortedMap<String, EnvironmentFamily> FAMILIES = found();

  private Environments() {}

  private static SortedMap<String, EnvironmentFamily> found() {
    SortedMap<String, EnvironmentFamily> families = new TreeMap<>();
    for (EnvironmentFamily family :
        ServiceLoader.load(EnvironmentFamily.class, Environments.class.getClassLoader())) {
      families.put(family.id(), family);
    }
    return families;
  }

  /**
   * @throws IllegalArgumentException naming the families there are, if this is none of them
   */
  public static EnvironmentFamily named(String name) {
    EnvironmentFamily family = FAMILIES.get(name);
    if (family == null) {
      throw unknown(name);
    }
    return family;
  }

  /** The processor types that harnesses of a family may use. */
  public static ProcessorRegistry registry(EnvironmentFamily family) {
    return ProcessorRegistry.builtIn().with(family.processors());
  }

  /** The processor types that harnesses of any family may use. */
  public static ProcessorRegistry registry() {
    List<ProcessorType> types = new ArrayList<>();
    FAMILIES.values().forEach(family -> types.addAll(family.processors()));
    return ProcessorRegistry.builtIn().with(types);
  }

  static void requireKnown(String name) {
    if (!FAMILIES.containsKey(name)) {
      throw unknown(name);
    }
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "environment '%s' does not exist: choose one of %s"
            .formatted(name, String.join(", ", FAMILIES.keySet())));
  }
}
