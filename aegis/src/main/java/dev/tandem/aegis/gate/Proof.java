package dev.tandem.aegis.gate;

import java.util.List;

/**
 * The numbers behind a seesaw.
 *
 * @param rule the rule they were judged by
 * @param pairs tasks played under both harnesses
 * @param wins pairs that only the candidate solved
 * @param losses pairs that only the incumbent solved
 * @param eValue evidence for a gain: capital of the bet when the test stopped, or when it was won;
 *     0 under the strict rule
 * @param alpha the level, so that 1 / alpha had to be reached; 0 under the strict rule
 * @param categories the same by task category
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
    List<PlayedBatch> batches) {
  public Proof {
    categories = List.copyOf(categories);
    batches = List.copyOf(batches);
  }

  /** Numbers alone. */
  public Proof(
      Seesaw rule,
      int pairs,
      int wins,
      int losses,
      double eValue,
      double alpha,
      List<CategoryProof> categories) {
    this(rule, pairs, wins, losses, eValue, alpha, categories, List.of());
  }

  /** The same numbers with the episodes they come from. */
  Proof from(List<PlayedBatch> played) {
    return new Proof(rule, pairs, wins, losses, eValue, alpha, categories, played);
  }

  /**
   * One category's share.
   *
   * @param eValue evidence that the candidate is worse here
   */
  public record CategoryProof(String category, int pairs, int wins, int losses, double eValue) {}
}
