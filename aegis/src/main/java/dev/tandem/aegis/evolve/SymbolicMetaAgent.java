package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.EditFamily;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.random.Well19937c;

/**
 * Finds levers in the processors' own metadata: an edit is worth the failures that its processor
 * says it may cure, times how well its family has done against them. How well is drawn from the
 * family's Beta posterior (Thompson sampling: W. R. Thompson, Biometrika 25, 1933), so that what is
 * little known gets its turn; and some places are kept for structures, untried ones first, which
 * also are what is left to try when nothing promises anything. It needs no network, and the same
 * inputs give the same proposals.
 */
public final class SymbolicMetaAgent implements MetaAgent {
  private final EditSpace space;
  private final ManifestWriter manifests;

  public SymbolicMetaAgent(EditSpace space, ManifestWriter manifests) {
    this.space = space;
    this.manifests = manifests;
  }

  @Override
  public List<Candidate> propose(Landscape landscape, Brief brief) {
    Cooldown cooldown = new Cooldown(landscape, brief);
    List<EditSpace.Option> options =
        space.options(brief.incumbent()).stream()
            .filter(option -> !cooldown.rests(option))
            .toList();
    List<EditSpace.Option> promising = promising(options, landscape, brief);
    List<EditSpace.Option> unknown = unknown(options, brief);
    int exploring = promising.isEmpty() ? Math.max(1, brief.exploratory()) : brief.exploratory();
    List<Candidate> candidates = new ArrayList<>();
    Set<EditFamily> families = new HashSet<>();
    for (EditSpace.Option option : unknown) {
      if (candidates.size() < exploring && families.add(option.family())) {
        candidates.add(manifests.candidate(option, landscape, brief, candidates.size() + 1, true));
      }
    }
    for (EditSpace.Option option : promising) {
      if (candidates.size() < brief.count() && families.add(option.family())) {
        candidates.add(manifests.candidate(option, landscape, brief, candidates.size() + 1, false));
      }
    }
    return candidates;
  }

  /** One option of each family that addresses failures, the best draw first. */
  private static List<EditSpace.Option> promising(
      List<EditSpace.Option> options, Landscape landscape, Brief brief) {
    Map<EditFamily, Double> scores = new TreeMap<>();
    for (EditSpace.Option option : options) {
      scores.computeIfAbsent(
          option.family(), family -> score(family, option.addresses(), landscape, brief));
    }
    return onePerFamily(options, brief).stream()
        .filter(option -> scores.getOrDefault(option.family(), 0.0) > 0)
        .sorted(
            Comparator.<EditSpace.Option>comparingDouble(
                    option -> scores.getOrDefault(option.family(), 0.0))
                .reversed())
        .toList();
  }

  private static double score(
      EditFamily family, Set<FailureCategory> addresses, Landscape landscape, Brief brief) {
    double score = 0;
    for (FailureCategory failure : addresses) {
      double weight = landscape.weight(failure);
      if (weight > 0) {
        score += weight * draw(brief.reputations().of(family, failure), brief);
      }
    }
    return score;
  }

  /** A draw that depends on the seed, the round, the family and the category alone. */
  private static double draw(Reputations.Entry reputation, Brief brief) {
    long seed =
        RandomStreams.derive(
            brief.seed(),
            "aegis.reputation." + reputation.family().name() + "." + reputation.failure().id(),
            brief.round());
    return new BetaDistribution(new Well19937c(seed), reputation.alpha(), reputation.beta())
        .sample();
  }

  /** Structural edits in random order, those of families never tried before the others. */
  private static List<EditSpace.Option> unknown(List<EditSpace.Option> options, Brief brief) {
    Set<EditFamily> tried = triedFamilies(brief);
    List<EditSpace.Option> unknown =
        new ArrayList<>(
            onePerFamily(options, brief).stream()
                .filter(option -> option.family().kind().structural())
                .toList());
    Collections.shuffle(unknown, random(brief, "aegis.exploration"));
    unknown.sort(Comparator.comparing(option -> tried.contains(option.family())));
    return unknown;
  }

  private static Set<EditFamily> triedFamilies(Brief brief) {
    Set<EditFamily> tried = new HashSet<>();
    brief.tried().forEach(edit -> tried.add(edit.family()));
    return tried;
  }

  /** The plainest option of a family that has not been tried, otherwise any of the family. */
  private static List<EditSpace.Option> onePerFamily(List<EditSpace.Option> options, Brief brief) {
    Set<EditFamily> tried = triedFamilies(brief);
    SequencedMap<EditFamily, List<EditSpace.Option>> families = new LinkedHashMap<>();
    for (EditSpace.Option option : options) {
      families.computeIfAbsent(option.family(), key -> new ArrayList<>()).add(option);
    }
    List<EditSpace.Option> chosen = new ArrayList<>();
    families.forEach(
        (family, members) -> {
          boolean plain = family.kind().structural() && !tried.contains(family);
          int pick =
              plain ? 0 : random(brief, "aegis.variant." + family.name()).nextInt(members.size());
          chosen.add(members.get(pick));
        });
    return chosen;
  }

  private static Random random(Brief brief, String name) {
    return Random.from(RandomStreams.stream(brief.seed(), name, brief.round()));
  }
}
