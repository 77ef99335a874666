package dev.tandem.harness.model;

import dev.tandem.harness.value.HarnessException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * M of H = (M, C): who answers in which role, as a value. It says nothing about behaviour and is no
 * part of a harness's content hash; an episode's checkpoint is on record in its trajectory.
 *
 * @param roles providers by role, the first choice first, then the fallbacks; {@link
 *     ModelRole#MAIN} is mandatory
 * @param prices by provider; the others are free
 */
public record ModelConfig(
    Map<ModelRole, List<String>> roles, SortedMap<String, Price> prices, RetryPolicy retries) {
  /**
   * @throws HarnessException with everything that is wrong
   */
  public ModelConfig {
    Map<ModelRole, List<String>> copy = new EnumMap<>(ModelRole.class);
    roles.forEach((role, providers) -> copy.put(role, List.copyOf(providers)));
    roles = Collections.unmodifiableMap(copy);
    prices = Collections.unmodifiableSortedMap(new TreeMap<>(prices));
    List<String> problems = problems(copy, prices);
    if (!problems.isEmpty()) {
      throw new HarnessException(problems);
    }
  }

  /** One free provider in the main role. */
  public static ModelConfig of(String provider) {
    return new ModelConfig(
        Map.of(ModelRole.MAIN, List.of(provider)), new TreeMap<>(), RetryPolicy.DEFAULT);
  }

  private static List<String> problems(
      Map<ModelRole, List<String>> roles, SortedMap<String, Price> prices) {
    List<String> problems = new ArrayList<>();
    if (!roles.containsKey(ModelRole.MAIN)) {
      problems.add("the role 'main' needs a provider: name one");
    }
    Set<String> all = new HashSet<>();
    roles.forEach(
        (role, providers) -> {
          if (providers.isEmpty()) {
            problems.add("the role '%s' needs a provider: name one".formatted(role.id()));
          }
          Set<String> seen = new HashSet<>();
          for (String provider : providers) {
            if (!seen.add(provider)) {
              problems.add(
                  "the role '%s' names the provider '%s' twice: remove one"
                      .formatted(role.id(), provider));
            }
          }
          all.addAll(seen);
        });
    for (String provider : prices.keySet()) {
      if (!all.contains(provider)) {
        problems.add(
            "there is a price for the provider '%s', which no role names: remove it or correct the name"
                .formatted(provider));
      }
    }
    return problems;
  }

  /** What a provider charges. */
  public Price price(String provider) {
    return prices.getOrDefault(provider, Price.FREE);
  }
}
