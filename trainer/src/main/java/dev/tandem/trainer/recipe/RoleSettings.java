package dev.tandem.trainer.recipe;

import dev.tandem.harness.model.Model.FailureKind;
import dev.tandem.harness.model.Retry;
import dev.tandem.harness.model.RetryPolicy;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who answers in a role other than the agent's own.
 *
 * @param providers the first choice first, then the fallbacks
 * @param retries what is done about a failure, by its kind; vetted patience for what is left out
 */
public record RoleSettings(
    List<ProviderSettings> providers, @Nullable Map<FailureKind, Attempts> retries) {
  public RoleSettings {
    if (providers.isEmpty()) {
      throw new IllegalArgumentException("providers must name at least one");
    }
  }

  /**
   * How often a call is made again.
   *
   * @param attempts calls in all, the first included
   * @param first seconds before the second call
   * @param factor how much longer each further wait is
   * @param longest seconds that no wait exceeds
   */
  public record Attempts(int attempts, double first, double factor, double longest) {
    public Attempts {
      Require.atLeast("attempts", attempts, 1);
      Require.within("first", first, 0, longest);
      Require.within("factor", factor, 1, 1e6);
      Require.within("longest", longest, 0, 1e6);
    }
  }

  /** The policy that the retries amount to. */
  public RetryPolicy policy() {
    Map<FailureKind, Retry> byKind = new EnumMap<>(RetryPolicy.DEFAULT.byKind());
    if (retries != null) {
      retries.forEach(
          (kind, said) ->
              byKind.put(
                  kind,
                  new Retry(
                      said.attempts(),
                      BudgetSettings.seconds(said.first()),
                      said.factor(),
                      BudgetSettings.seconds(said.longest()))));
    }
    return new RetryPolicy(byKind);
  }
}
