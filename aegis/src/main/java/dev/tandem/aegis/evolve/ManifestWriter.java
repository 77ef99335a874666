package dev.tandem.aegis.evolve;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes down what an edit claims, from the digests that speak for it. */
public final class ManifestWriter {
  private static final int MOST_ANCHORS = 8;

  /** A success that needed more of its step limit than this is easily lost. */
  private static final double TIGHT = 0.9;

  private final ProcessorRegistry registry;

  public ManifestWriter(ProcessorRegistry registry) {
    this.registry = registry;
  }

  /**
   * The option as a candidate with its manifest.
   *
   * @param number of the candidate within the round, from 1
   */
  public Candidate candidate(
      EditSpace.Option option,
      Landscape landscape,
      MetaAgent.Brief brief,
      int number,
      boolean exploratory) {
    List<FailureCategory> targets = List.copyOf(option.addresses());
    List<TaskDigest> addressed =
        landscape.digest().tasks().stream()
            .filter(task -> task.failsBy(option.addresses()))
            .toList();
    Manifest manifest =
        new Manifest(
            "r%04d-%d".formatted(brief.round(), number),
            buckets(option),
            capability(option, addressed.size()),
            evidence(option, landscape),
            HarnessConfig.diff(brief.incumbent(), option.result(), registry),
            keys(addressed, TaskDigest.Outcome.FAILED),
            keys(addressed, TaskDigest.Outcome.UNSTABLE),
            atRisk(option, landscape, brief.incumbent()),
            new Signature(option.type().id(), !(option.edit() instanceof HarnessEdit.Remove)));
    return new Candidate(
        option.edit(),
        option.result(),
        manifest,
        targets,
        landscape.addressed(option.addresses()),
        exploratory);
  }

  private static List<Manifest.Bucket> buckets(EditSpace.Option option) {
    List<Manifest.Bucket> buckets = new ArrayList<>();
    if (option.type().dimension() == Dimension.CONTEXT_ASSEMBLY
        || option.type().dimension() == Dimension.MEMORY) {
      buckets.add(Manifest.Bucket.PROMPT);
    } else if (option.type().dimension() == Dimension.TOOLS) {
      buckets.add(Manifest.Bucket.TOOLS);
    }
    buckets.add(
        option.family().kind().structural() ? Manifest.Bucket.PROCESSOR : Manifest.Bucket.CONFIG);
    return buckets;
  }

  private static String capability(EditSpace.Option option, int tasks) {
    if (option.addresses().isEmpty() || tasks == 0) {
      return "learn what %s does to the tasks: nothing is known yet".formatted(option.type().id());
    }
    return "%s addresses %s, found in %d tasks: %s"
        .formatted(
            option.type().id(),
            option.addresses().stream().map(FailureCategory::id).collect(Collectors.joining(", ")),
            tasks,
            option.type().summary());
  }

  /** Anchors of the failures addressed, the heaviest clusters' first; of any, if there are none. */
  private static List<Anchor> evidence(EditSpace.Option option, Landscape landscape) {
    List<Anchor> addressed = anchors(option, landscape, true);
    return addressed.isEmpty() ? anchors(option, landscape, false) : addressed;
  }

  private static List<Anchor> anchors(
      EditSpace.Option option, Landscape landscape, boolean addressedOnly) {
    return landscape.clusters().stream()
        .filter(cluster -> !addressedOnly || option.addresses().contains(cluster.failure()))
        .flatMap(cluster -> cluster.anchors().stream())
        .limit(MOST_ANCHORS)
        .toList();
  }

  /** Solved tasks: hardly solved ones for what is added, those it acts on for what is changed. */
  private static List<String> atRisk(
      EditSpace.Option option, Landscape landscape, HarnessConfig incumbent) {
    Set<String> changed = new TreeSet<>();
    incumbent.processors().stream()
        .filter(spec -> !option.result().processors().contains(spec))
        .forEach(spec -> changed.add(spec.type()));
    return landscape.digest().tasks().stream()
        .filter(task -> task.outcome() == TaskDigest.Outcome.SOLVED)
        .filter(
            task ->
                changed.isEmpty()
                    ? task.tightness() > TIGHT
                    : !Collections.disjoint(task.active(), changed))
        .map(TaskDigest::task)
        .toList();
  }

  private static List<String> keys(List<TaskDigest> tasks, TaskDigest.Outcome outcome) {
    return tasks.stream().filter(task -> task.outcome() == outcome).map(TaskDigest::task).toList();
  }
}
