package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.Remaining;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Warns the model when tokens, money or time run out; steps have a notice of their own. */
public final class BudgetNotice implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "budget_notice",
              "Says how many tokens, how much money or how many seconds are left when they are"
                  + " few.",
              "budget_notice",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_MODEL),
              ProcessorType.POST,
              List.of("step_budget_notice"),
              Set.of(FailureCategory.OUT_OF_BUDGET),
              List.of(
                  new Parameter.Count("tokens_below", 4000, 0, 10_000_000),
                  new Parameter.Decimal("money_below", 0.1, 0, 1e6),
                  // Off by default: what depends on the clock differs from run to run.
                  new Parameter.Count("seconds_below", 0, 0, 100_000)),
              BudgetNotice::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final int tokensBelow;
  private final double moneyBelow;
  private final int secondsBelow;

  private BudgetNotice(ProcessorType.Arguments arguments) {
    tokensBelow = arguments.count("tokens_below");
    moneyBelow = arguments.number("money_below");
    secondsBelow = arguments.count("seconds_below");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.BeforeModel before)) {
      return Outcome.PASS;
    }
    Remaining left = before.remaining();
    List<String> notices = new ArrayList<>();
    if (left.tokens() < tokensBelow) {
      notices.add("tokens left : " + Math.max(0, left.tokens()) + " .");
    }
    if (left.money() < moneyBelow) {
      notices.add(
          "money left : " + String.format(Locale.ROOT, "%.2f", Math.max(0, left.money())) + " .");
    }
    if (left.time().toSeconds() < secondsBelow) {
      notices.add("seconds left : " + Math.max(0, left.time().toSeconds()) + " .");
    }
    return notices.isEmpty() ? Outcome.PASS : Notes.append(before, String.join(" ", notices));
  }
}
