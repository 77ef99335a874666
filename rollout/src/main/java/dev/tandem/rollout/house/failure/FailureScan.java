package dev.tandem.rollout.house.failure;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFacts.Place;
import dev.tandem.rollout.house.world.HouseFailures;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads one failed episode and names the steps that went wrong. It sees what the agent could have
 * seen: observations, never the environment's hidden state. A step is blamed for one thing, the
 * most basic that applies.
 */
public final class FailureScan {
  /** Below this share of wasted steps an exhausted budget was too small, rather than wasted. */
  private static final double WASTED_SHARE = 0.25;

  private final Lexicon lexicon;
  private final String goal;

  /** Kinds of thing to carry for the goal, and kinds it needs that stay put, such as a lamp. */
  private final Set<String> wantedKinds;

  private final Set<String> fixtureKinds;
  private final Set<String> deeds = new HashSet<>();
  private final Map<String, Place> searched = new HashMap<>();
  private final Map<String, Boolean> goalPlaces = new HashMap<>();
  private final Set<String> delivered = new HashSet<>();
  private final Set<String> visitedSinceChange = new HashSet<>();

  private FailureScan(String goal, Lexicon lexicon) {
    this.goal = goal;
    this.lexicon = lexicon;
    this.wantedKinds = lexicon.wantedKinds(goal);
    this.fixtureKinds = lexicon.fixtureKinds(goal);
  }

  /** Indices of the steps that went wrong, by what was wrong with them. */
  public static SortedMap<FailureCategory, List<Integer>> scan(Episode episode, Lexicon lexicon) {
    SortedMap<FailureCategory, List<Integer>> found = new TreeMap<>();
    if (episode.steps().isEmpty()) {
      return found;
    }
    FailureScan scan = new FailureScan(episode.steps().getFirst().before().goal(), lexicon);
    Set<Integer> wasted = new HashSet<>();
    for (Step step : episode.steps()) {
      scan.look(step.before());
      scan.cause(step)
          .ifPresent(
              failure -> {
                found.computeIfAbsent(failure, key -> new ArrayList<>()).add(step.index());
                wasted.add(step.index());
              });
      scan.remember(step);
    }
    int steps = episode.steps().size();
    if (ranOut(episode.exitReason()) && wasted.size() < WASTED_SHARE * steps) {
      found.put(FailureCategory.OUT_OF_STEPS, lastQuarter(episode.steps(), wasted));
    }
    if (episode.exitReason() == ExitReason.FINISHED) {
      found.put(FailureCategory.PREMATURE_FINISH, List.of(episode.steps().getLast().index()));
    }
    return found;
  }

  private static boolean ranOut(ExitReason reason) {
    return switch (reason) {
      case STEP_BUDGET, TOKEN_BUDGET, WALL_TIME_BUDGET, MONEY_BUDGET -> true;
      case FINISHED,
          CONTEXT_OVERFLOW,
          INTERRUPTED,
          MODEL_FAILURE,
          ENVIRONMENT_FAILURE,
          CONTRACT_BREACH,
          CODE_FAILURE,
          PROCESSOR_FAILURE,
          TOOL_FAILURE,
          VERIFIER_FAILURE ->
          false;
    };
  }

  /** The useful steps among the last ones: what the agent was still achieving. */
  private static List<Integer> lastQuarter(List<Step> steps, Set<Integer> wasted) {
    List<Integer> useful =
        steps.subList(steps.size() - (steps.size() + 3) / 4, steps.size()).stream()
            .map(Step::index)
            .filter(index -> !wasted.contains(index))
            .toList();
    return useful.isEmpty() ? List.of(steps.getLast().index()) : useful;
  }

  private Optional<FailureCategory> cause(Step step) {
    if (!lexicon.isCommand(step.action())) {
      return Optional.of(FailureCategory.UNPARSEABLE_RESPONSE);
    }
    if (deeds.contains(deed(step))) {
      return Optional.of(FailureCategory.REPEATED_ACTION);
    }
    boolean admitted =
        step.before().commands().isEmpty() || step.before().commands().contains(step.action());
    if (!admitted || (step.executed() && !step.after().effective())) {
      return Optional.of(FailureCategory.INADMISSIBLE_ACTION);
    }
    if (losesProgress(step)) {
      return Optional.of(FailureCategory.LOST_PROGRESS);
    }
    return destination(step).flatMap(place -> wrongMove(step.before(), place));
  }

  private Optional<FailureCategory> wrongMove(Observation before, String destination) {
    boolean inHand = holdsWanted(before);
    if (inHand && fixtureKinds.isEmpty()) {
      return visitedSinceChange.contains(destination)
          ? Optional.of(FailureCategory.LOST_PROGRESS)
          : Optional.empty();
    }
    Set<String> sightings = sightings(inHand ? fixtureKinds : wantedKinds);
    if (!sightings.isEmpty()) {
      return sightings.contains(destination)
          ? Optional.empty()
          : Optional.of(HouseFailures.FORGOTTEN_SIGHTING);
    }
    boolean unsearchedLeft = !searched.keySet().containsAll(HouseFacts.of(before).places());
    return searched.containsKey(destination) && unsearchedLeft
        ? Optional.of(HouseFailures.REDUNDANT_SEARCH)
        : Optional.empty();
  }

  /** A wanted thing was put down off its way, or taken again from where it had been brought. */
  private boolean losesProgress(Step step) {
    boolean dropped =
        !atGoalPlace(step)
            && HouseFacts.of(step.before()).holding().stream()
                .anyMatch(
                    name ->
                        isWanted(name) && !HouseFacts.of(step.after()).holding().contains(name));
    boolean takenBack =
        HouseFacts.of(step.after()).holding().stream()
            .anyMatch(
                name ->
                    delivered.contains(name)
                        && !HouseFacts.of(step.before()).holding().contains(name));
    return dropped || takenBack;
  }

  private boolean holdsWanted(Observation observation) {
    return HouseFacts.of(observation).holding().stream().anyMatch(this::isWanted);
  }

  private boolean isWanted(String name) {
    return wantedKinds.contains(Lexicon.kind(name));
  }

  /** Places where a needed thing was last seen, those not counted where it is meant to be. */
  private Set<String> sightings(Set<String> kinds) {
    Set<String> places = new HashSet<>();
    searched.forEach(
        (name, place) -> {
          if (place.contents().stream().map(Lexicon::kind).anyMatch(kinds::contains)
              && !isGoalPlace(name)) {
            places.add(name);
          }
        });
    return places;
  }

  private boolean isGoalPlace(String place) {
    return goalPlaces.computeIfAbsent(place, name -> Lexicon.mentions(goal, Lexicon.kind(name)));
  }

  private boolean atGoalPlace(Step step) {
    return HouseFacts.of(step.after()).here().map(place -> isGoalPlace(place.name())).orElse(false);
  }

  /** Where the step led, if it led elsewhere. */
  private static Optional<String> destination(Step step) {
    Optional<String> from = HouseFacts.of(step.before()).here().map(Place::name);
    Optional<String> to = HouseFacts.of(step.after()).here().map(Place::name);
    return to.filter(place -> !to.equals(from));
  }

  private void look(Observation observation) {
    HouseFacts.of(observation)
        .here()
        .filter(Place::isSearchable)
        .ifPresent(place -> searched.put(place.name(), place));
  }

  private void remember(Step step) {
    deeds.add(deed(step));
    look(step.after());
    Optional<String> moved = destination(step);
    if (moved.isPresent()) {
      visitedSinceChange.add(moved.get());
    } else if (step.after().effective()) {
      visitedSinceChange.clear();
      HouseFacts.of(step.after()).here().map(Place::name).ifPresent(visitedSinceChange::add);
    }
    if (atGoalPlace(step)) {
      HouseFacts.of(step.before()).holding().stream()
          .filter(name -> !HouseFacts.of(step.after()).holding().contains(name))
          .forEach(delivered::add);
    }
  }

  private static String deed(Step step) {
    return step.stateHash() + " " + step.action();
  }
}
