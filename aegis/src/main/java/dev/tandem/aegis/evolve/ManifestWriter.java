package dev.tandem.aegis.evolve;

import dev.tandem.aegis.critique.Bundle;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes down what a bundle claims, from the digests that speak for it. */
public final class ManifestWriter {
  private static final int MOST_ANCHORS = 8;

  private final ProcessorRegistry registry;

  public ManifestWriter(ProcessorRegistry registry) {
    this.registry = registry;
  }

  /**
   * The manifest of a bundle.
   *
   * @param types that each of its changes is about
   * @param number of the bundle within the round, from 1
   */
  public Manifest of(
      Bundle bundle,
      Collection<ProcessorType> types,
      HarnessConfig incumbent,
      HarnessConfig candidate,
      Landscape landscape,
      int round,
      int number) {
    Set<FailureCategory> failures = new TreeSet<>();
    types.forEach(type -> failures.addAll(type.addresses()));
    return new Manifest(
        "r%04d-%d".formatted(round, number),
        buckets(types, incumbent, candidate),
        capability(bundle, types, failures, landscape),
        landscape.addressed(failures),
        evidence(failures, landscape),
        HarnessConfig.diff(incumbent, candidate, registry),
        Prediction.of(bundle, round),
        signatures(incumbent, candidate));
  }

  private static List<Manifest.Bucket> buckets(
      Collection<ProcessorType> types, HarnessConfig incumbent, HarnessConfig candidate) {
    Set<Manifest.Bucket> buckets = new TreeSet<>();
    for (ProcessorType type : types) {
      if (type.dimension() == Dimension.CONTEXT_ASSEMBLY || type.dimension() == Dimension.MEMORY) {
        buckets.add(Manifest.Bucket.PROMPT);
      } else if (type.dimension() == Dimension.TOOLS) {
        buckets.add(Manifest.Bucket.TOOLS);
      }
    }
    buckets.add(
        ids(incumbent).equals(ids(candidate)) ? Manifest.Bucket.CONFIG : Manifest.Bucket.PROCESSOR);
    return List.copyOf(buckets);
  }

  private static String capability(
      Bundle bundle,
      Collection<ProcessorType> types,
      Set<FailureCategory> failures,
      Landscape landscape) {
    String levers =
        bundle.changes().stream()
            .map(change -> change.lever().toString())
            .collect(Collectors.joining(", "));
    List<String> seen =
        failures.stream()
            .filter(failure -> landscape.weight(failure) > 0)
            .map(FailureCategory::id)
            .toList();
    String summaries = types.stream().map(ProcessorType::summary).collect(Collectors.joining(" "));
    return seen.isEmpty()
        ? "%s: measured to help, whatever the failures are. %s".formatted(levers, summaries)
        : "%s against %s. %s".formatted(levers, String.join(", ", seen), summaries);
  }

  /** Anchors of the failures addressed, the heaviest clusters' first. */
  private static List<Anchor> evidence(Set<FailureCategory> failures, Landscape landscape) {
    return landscape.clusters().stream()
        .filter(cluster -> failures.contains(cluster.failure()))
        .flatMap(cluster -> cluster.anchors().stream())
        .limit(MOST_ANCHORS)
        .toList();
  }

  private static List<Signature> signatures(HarnessConfig incumbent, HarnessConfig candidate) {
    List<String> added = new ArrayList<>(ids(candidate));
    added.removeAll(ids(incumbent));
    return added.stream().map(Signature::new).toList();
  }

  private static List<String> ids(HarnessConfig harness) {
    return harness.processors().stream().map(ProcessorSpec::type).toList();
  }
}
