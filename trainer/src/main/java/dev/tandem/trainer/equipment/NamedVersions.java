package dev.tandem.trainer.equipment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.harness.Harness;
import dev.tandem.harness.HarnessVersions;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Identified;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The recipe's {@code versions}; they run with the services of the harness that they follow. */
final class NamedVersions implements HarnessVersions, Identified {
  private final SortedMap<String, HarnessConfig> configs = new TreeMap<>();
  private final ProcessorRegistry registry;
  private final Services services;

  /**
   * @throws HarnessException with line and problem if one is not valid
   */
  NamedVersions(Map<String, JsonNode> versions, ProcessorRegistry registry, Services services) {
    this.registry = registry;
    this.services = services.with(HarnessVersions.class, this);
    versions.forEach(
        (name, tree) ->
            configs.put(name, HarnessConfig.parse(tree.toString(), "versions." + name, registry)));
  }

  SortedMap<String, HarnessConfig> configs() {
    return configs;
  }

  /** What the versions do; their services are those of whoever goes on under them. */
  @Override
  public String contentHash() {
    SortedMap<String, String> hashes = new TreeMap<>();
    configs.forEach((name, config) -> hashes.put(name, config.hash(registry)));
    return ContentHash.of(hashes);
  }

  @Override
  public Optional<Harness> find(String version) {
    HarnessConfig named = configs.get(version);
    if (named != null) {
      return Optional.of(compiled(named));
    }
    return configs.values().stream()
        .map(this::compiled)
        .filter(harness -> harness.hash().equals(version))
        .findFirst();
  }

  private Harness compiled(HarnessConfig config) {
    return Harness.compile(config, registry, services);
  }
}
