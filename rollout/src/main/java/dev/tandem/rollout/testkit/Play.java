package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was done in an environment and what it showed.
 *
 * @param deeds in order
 * @param moments after reset and after each deed; one more than deeds
 */
record Play(TaskSpec task, List<Deed> deeds, List<Moment> moments) {
  Play {
    deeds = List.copyOf(deeds);
    moments = List.copyOf(moments);
  }

  /** What an environment shows at a time. */
  record Moment(Observation observation, Optional<String> hash, boolean finished) {
    static Moment of(Environment world, Observation observation) {
      return new Moment(observation, world.stateHash(), world.isFinished());
    }
  }

  /** Decides what to do next; empty to stop. */
  @FunctionalInterface
  interface Player {
    Optional<Deed> next(int step, Observation observation);
  }

  /** Does these, in order. */
  static Player script(List<Deed> deeds) {
    return (step, observation) ->
        step < deeds.size() ? Optional.of(deeds.get(step)) : Optional.empty();
  }

  /** Begins an environment and plays until it is finished, the player stops, or the limit. */
  static Play of(TaskSpec task, Environment world, Player player, int limit) {
    return on(task, world, world.reset(), player, limit);
  }

  /** Plays an environment that has been begun. */
  static Play on(TaskSpec task, Environment world, Observation first, Player player, int limit) {
    List<Deed> deeds = new ArrayList<>();
    List<Moment> moments = new ArrayList<>(List.of(Moment.of(world, first)));
    while (deeds.size() < limit && !moments.getLast().finished()) {
      Optional<Deed> deed = player.next(deeds.size(), moments.getLast().observation());
      if (deed.isEmpty()) {
        break;
      }
      deeds.add(deed.get());
      moments.add(Moment.of(world, deed.get().in(world)));
    }
    return new Play(task, deeds, moments);
  }

  boolean finished() {
    return moments.getLast().finished();
  }

  /** As a verifier and a taxonomy see it. */
  Episode episode() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < deeds.size(); i++) {
      Moment before = moments.get(i);
      steps.add(
          new Step(
              i,
              before.observation(),
              before.hash().orElse(""),
              deeds.get(i).tool(),
              deeds.get(i).input(),
              true,
              moments.get(i + 1).observation()));
    }
    return new Episode(
        List.of(), steps, List.of(), finished() ? ExitReason.FINISHED : ExitReason.STEP_BUDGET, "");
  }

  /**
   * What differs first between this play and another of the same deeds; empty when nothing does.
   */
  Optional<String> difference(Play other) {
    for (int i = 0; i < Math.min(moments.size(), other.moments.size()); i++) {
      Moment one = moments.get(i);
      Moment two = other.moments.get(i);
      if (!one.equals(two)) {
        String when = i == 0 ? "after reset" : "after step " + i + ", " + deeds.get(i - 1) + ",";
        return Optional.of(when + " " + what(one, two));
      }
    }
    return moments.size() == other.moments.size()
        ? Optional.empty()
        : Optional.of("it took %d steps, and %d".formatted(deeds.size(), other.deeds.size()));
  }

  private static String what(Moment one, Moment two) {
    if (one.finished() != two.finished()) {
      return "it was finished once and once not";
    }
    if (!one.observation().text().equals(two.observation().text())) {
      return "it said '%s', and '%s'".formatted(one.observation().text(), two.observation().text());
    }
    return one.observation().equals(two.observation())
        ? "the state's hash differed"
        : "the observation differed in goal, facts, effect or admissible commands";
  }
}
