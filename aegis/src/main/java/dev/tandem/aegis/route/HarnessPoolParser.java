package dev.tandem.aegis.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads a {@link HarnessPool}, and checks that it is the one that was written. */
final class HarnessPoolParser {
  private static final String VARIANTS = "variants";
  private static final List<String> KEYS = List.of("default", "routes", VARIANTS);
  private static final YAMLMapper YAML = new YAMLMapper();

  private final String source;
  private final ProcessorRegistry registry;

  HarnessPoolParser(String source, ProcessorRegistry registry) {
    this.source = source;
    this.registry = registry;
  }

  HarnessPool parse(String text) {
    JsonNode pool;
    try {
      pool = YAML.readTree(text);
    } catch (JsonProcessingException unreadable) {
      return plain(text); // which says where
    }
    return pool.has(VARIANTS) || pool.has("routes") ? pool(pool) : plain(text);
  }

  private HarnessPool plain(String text) {
    return HarnessPool.of(HarnessConfig.parse(text, source, registry));
  }

  private HarnessPool pool(JsonNode pool) {
    for (Map.Entry<String, JsonNode> entry : pool.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw wrong(
            "unknown key '%s'%s"
                .formatted(entry.getKey(), Suggestion.forUnknown(entry.getKey(), KEYS)));
      }
    }
    Set<Map.Entry<String, JsonNode>> variants = pool.path(VARIANTS).properties();
    if (variants.isEmpty()) {
      throw wrong("a pool needs the key 'variants' with at least one harness");
    }
    Map<String, SortedSet<String>> clusters = new HashMap<>();
    variants.forEach(variant -> clusters.put(variant.getKey(), new TreeSet<>()));
    for (Map.Entry<String, JsonNode> route : pool.path("routes").properties()) {
      SortedSet<String> served = clusters.get(route.getValue().asText());
      if (served == null) {
        throw wrong(
            "tasks of kind '%s' are routed to '%s', and the variants are %s"
                .formatted(
                    route.getKey(), route.getValue().asText(), new TreeSet<>(clusters.keySet())));
      }
      served.add(route.getKey());
    }
    String fallback = pool.path("default").asText(VariantPool.DEFAULT);
    if (!clusters.containsKey(fallback)) {
      throw wrong(
          "the default is '%s', and the variants are %s"
              .formatted(fallback, new TreeSet<>(clusters.keySet())));
    }
    List<HarnessPool.Member> members = new ArrayList<>();
    variants.forEach(
        variant ->
            members.add(
                new HarnessPool.Member(
                    variant.getKey(),
                    clusters.getOrDefault(variant.getKey(), new TreeSet<>()),
                    harness(variant.getKey(), variant.getValue()))));
    return new HarnessPool(fallback, members);
  }

  private HarnessConfig harness(String id, JsonNode variant) {
    HarnessConfig harness =
        HarnessConfig.parse(
            variant.path("harness").toString(), "%s, variant %s".formatted(source, id), registry);
    String said = variant.path("hash").asText("");
    String found = harness.hash(registry);
    if (!said.isEmpty() && !said.equals(found)) {
      throw wrong(
          "variant %s should have the hash %s and has %s: it was edited, or its processors or services are others now; take the key 'hash' out to use it as it is"
              .formatted(id, said, found));
    }
    return harness;
  }

  private HarnessException wrong(String what) {
    return new HarnessException(List.of("%s: %s".formatted(source, what)));
  }
}
