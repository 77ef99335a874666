package dev.tandem.aegis.evolve;

import org.jspecify.annotations.Nullable;

/**
 * Who proposes levers beyond those that metadata gives, and what that may cost. Nobody does, unless
 * a recipe says so.
 *
 * @param wordings whether the family's own wordings are tried
 * @param code whether a language model may write processors in JavaScript, too; each is played
 *     before it counts as proposed
 * @param maxLevers most levers that are proposed in a run; 0 asks no language model
 * @param leversPerRound most that a language model is asked for at once
 * @param tokensPerRound most tokens, of prompts and answers, that a round begins another request
 *     with
 * @param tokensPerRun the same for the run
 * @param moneyPerRound the same in the currency of the model's price; null for no limit
 * @param moneyPerRun the same for the run
 */
public record MetaAgentSettings(
    boolean wordings,
    boolean code,
    int maxLevers,
    int leversPerRound,
    long tokensPerRound,
    long tokensPerRun,
    @Nullable Double moneyPerRound,
    @Nullable Double moneyPerRun) {
  public static final MetaAgentSettings DEFAULTS =
      new MetaAgentSettings(false, false, 0, 3, 50_000, 500_000, null, null);

  public MetaAgentSettings {
    atLeast("max_levers", maxLevers, 0);
    atLeast("levers_per_round", leversPerRound, 1);
    atLeast("tokens_per_round", tokensPerRound, 1);
    atLeast("tokens_per_run", tokensPerRun, 1);
    positive("money_per_round", moneyPerRound);
    positive("money_per_run", moneyPerRun);
  }

  private static void atLeast(String key, long value, long minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(
          "%s must be at least %d, was %d".formatted(key, minimum, value));
    }
  }

  private static void positive(String key, @Nullable Double value) {
    if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "%s must be above 0, was %s: leave it out for no limit".formatted(key, value));
    }
  }

  /** Whether a language model is asked. */
  public boolean asksModel() {
    return maxLevers > 0;
  }

  /** Whether what is spent is counted in money, too. */
  public boolean countsMoney() {
    return moneyPerRound != null || moneyPerRun != null;
  }
}
