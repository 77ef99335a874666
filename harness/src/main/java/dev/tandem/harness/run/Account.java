package dev.tandem.harness.run;

import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Remaining;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an episode may spend and has spent. */
final class Account {
  private final Budget budget;
  private final InstantSource clock;
  private final boolean timed;
  private Instant start = Instant.EPOCH;
  private int steps;
  private long tokens;
  private double money;
  private final Map<ModelRole, ModelSpending> spending = new EnumMap<>(ModelRole.class);

  Account(Budget budget, InstantSource clock) {
    this.budget = budget;
    this.clock = clock;
    // Without a limit nobody looks at the clock, so that episodes do not depend on it.
    this.timed = !budget.wallTime().equals(Budget.UNLIMITED.wallTime());
  }

  void start() {
    start = timed ? clock.instant() : Instant.EPOCH;
  }

  void spendStep() {
    steps++;
  }

  /** Models of all roles spend the one budget. */
  void spend(ModelRole role, Model.Usage usage) {
    spending.merge(role, ModelSpending.NONE.plus(usage), (was, _) -> was.plus(usage));
    tokens += usage.promptTokens() + usage.responseTokens();
    money += usage.money();
  }

  int stepsLeft() {
    return budget.steps() - steps;
  }

  /** Whether another model call could still be paid for. */
  boolean affordsModelCall() {
    return tokens < budget.tokens() && money < budget.money();
  }

  /** What was spent, by role. */
  Map<ModelRole, ModelSpending> spending() {
    return spending;
  }

  /** The limit that keeps a model from being asked. */
  ExitReason unaffordable() {
    return tokens >= budget.tokens() ? ExitReason.TOKEN_BUDGET : ExitReason.MONEY_BUDGET;
  }

  /** The limit that is reached, if any. */
  @Nullable ExitReason exhausted() {
    if (stepsLeft() <= 0) {
      return ExitReason.STEP_BUDGET;
    } else if (tokens >= budget.tokens()) {
      return ExitReason.TOKEN_BUDGET;
    } else if (money >= budget.money()) {
      return ExitReason.MONEY_BUDGET;
    } else if (timed && elapsed().compareTo(budget.wallTime()) >= 0) {
      return ExitReason.WALL_TIME_BUDGET;
    }
    return null;
  }

  Remaining remaining() {
    return new Remaining(
        stepsLeft(),
        Math.max(0, budget.tokens() - tokens),
        Math.max(0, budget.money() - money),
        timed ? budget.wallTime().minus(elapsed()) : budget.wallTime());
  }

  private Duration elapsed() {
    return Duration.between(start, clock.instant());
  }
}
