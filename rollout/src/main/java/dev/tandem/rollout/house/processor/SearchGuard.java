package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFailures;
import java.util.List;
import java.util.Set;

/**
 * Has the model asked again when, empty-handed, it would go back to a place already searched where
 * nothing of the goal was seen, while other places are left.
 */
public final class SearchGuard implements Processor {
  public static final String NOTE = "it is searched . try other .";

  public static final ProcessorType TYPE =
      new ProcessorType(
          "search_guard",
          "Has the model asked again when it would search a place a second time for nothing.",
          "search_guard",
          Dimension.CONTROL_AND_SAFETY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(Groups.PARSE_RETRY),
          Set.of(HouseFailures.REDUNDANT_SEARCH, FailureCategory.OUT_OF_STEPS),
          List.of(new Parameter.Count("attempts", 2, 1, 3)),
          arguments -> new SearchGuard(arguments.count("attempts")));

  private final int attempts;
  private final Exploration exploration = new Exploration();
  private int step = -1;
  private int attemptsInStep;

  private SearchGuard(int attempts) {
    this.attempts = attempts;
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      exploration.observe(result.observation());
    } else if (event instanceof Event.BeforeModel before) {
      exploration.observe(before.observation());
    } else if (event instanceof Event.ModelResponse response) {
      return judge(response);
    }
    return Outcome.PASS;
  }

  private Outcome judge(Event.ModelResponse response) {
    if (response.step() != step) {
      step = response.step();
      attemptsInStep = 0;
    }
    if (attemptsInStep >= attempts
        || response.callsLeft() == 0
        || !isInVain(response.observation(), response.content().strip())) {
      return Outcome.PASS;
    }
    attemptsInStep++;
    return new Outcome.Intercept(NOTE);
  }

  private boolean isInVain(Observation observation, String command) {
    return HouseFacts.of(observation).holding().isEmpty()
        && HouseFacts.of(observation).places().stream()
            .anyMatch(place -> !exploration.isSearched(place))
        && HouseFacts.of(observation).places().stream()
            .filter(place -> leadsTo(command, place, observation))
            .anyMatch(place -> isExhausted(place, observation.goal()));
  }

  /** Whether the command names the place last and the agent stands elsewhere. */
  private static boolean leadsTo(String command, String place, Observation observation) {
    return command.endsWith(" " + place)
        && HouseFacts.of(observation).here().map(here -> !here.name().equals(place)).orElse(true);
  }

  private boolean isExhausted(String place, String goal) {
    return exploration.isSearched(place)
        && exploration.sightingsFor(goal).stream().noneMatch(seen -> seen.place().equals(place));
  }
}
