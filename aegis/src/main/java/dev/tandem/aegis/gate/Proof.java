package dev.tandem.aegis.gate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Effect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The numbers behind a seesaw, from which it can be computed again.
 *
 * @param rule the rule they were judged by
 * @param pairs judged pairs on tasks as they came
 * @param wins of these, pairs that only the candidate solved
 * @param losses of these, pairs that only the incumbent solved, and one for every infrastructure
 *     failure that the candidate had more of
 * @param eValue evidence for a gain: the most that the bet's capital ever was; 0 under the strict
 *     rule
 * @param alpha the level, so that 1 / alpha had to be reached; 0 under the strict rule
 * @param categories what came out by task category, pairs chosen to rule harm out included
 * @param terms what the test began with, null under the strict rule
 * @param batches the episodes that all this was counted from, in the order they were played
 */
public record Proof(
    Seesaw rule,
    int pairs,
    int wins,
    int losses,
    double eValue,
    double alpha,
    List<CategoryProof> categories,
    @Nullable Terms terms,
    List<PlayedBatch> batches) {
  public Proof {
    categories = List.copyOf(categories);
    batches = List.copyOf(batches);
  }

  /**
   * What a test of a bundle begins with.
   *
   * @param winShare where the bet on a gain is placed
   * @param prior the screen's word on the bundle's effect by cluster
   * @param pairs that the budget allows
   * @param scope the kinds of task it is about, null for all
   */
  public record Terms(
      double winShare,
      ClusterEffects prior,
      int pairs,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ClusterSet scope) {
    /** For tasks of all kinds. */
    public Terms(double winShare, ClusterEffects prior, int pairs) {
      this(winShare, prior, pairs, null);
    }

    /** For tasks of some kinds. */
    public Terms within(ClusterSet clusters) {
      return new Terms(winShare, prior, pairs, clusters.equals(ClusterSet.ALL) ? null : clusters);
    }

    /** The kinds of task that are played. */
    ClusterSet played() {
      return scope == null ? ClusterSet.ALL : scope;
    }

    BundleTest test(BundleTestSettings settings, double level) {
      return new BundleTest(settings, prior, winShare, level, pairs);
    }
  }

  static Proof of(BundleProof proof, Terms terms) {
    return new Proof(
        Seesaw.SEQUENTIAL,
        proof.pairs(),
        proof.wins(),
        proof.losses(),
        proof.eValue(),
        proof.level(),
        proof.clusters().stream()
            .map(
                one ->
                    new CategoryProof(
                        one.cluster(),
                        one.pairs(),
                        one.wins(),
                        one.losses(),
                        new Effect(one.effect(), one.deviation()),
                        one.risk()))
            .toList(),
        terms,
        List.of());
  }

  /** The same numbers with the episodes they come from. */
  Proof from(List<PlayedBatch> played) {
    return new Proof(rule, pairs, wins, losses, eValue, alpha, categories, terms, played);
  }

  /**
   * One category's share.
   *
   * @param effect in success, from screen and pairs together; null under the strict rule
   * @param risk chance that it loses more than the margin; null under the strict rule
   */
  public record CategoryProof(
      String category,
      int pairs,
      int wins,
      int losses,
      @Nullable Effect effect,
      @Nullable Double risk) {}
}
