package dev.tandem.trainer.recipe;

import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.EnvironmentFamily;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The environment families that recipes can name. */
public final class Environments {
  private static final Map<String, Supplier<EnvironmentFamily>> FAMILIES =
      new TreeMap<>(Map.of(HouseFamily.NAME, HouseFamily::new));

  private Environments() {}

  /**
   * @throws IllegalArgumentException naming the families there are, if this is none of them
   */
  public static EnvironmentFamily named(String name) {
    Supplier<EnvironmentFamily> family = FAMILIES.get(name);
    if (family == null) {
      throw unknown(name);
    }
    return family.get();
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
