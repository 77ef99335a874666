package dev.tandem.aegis;

import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.ScreenDesign;
import dev.tandem.aegis.screen.ScreenSettings;
import dev.tandem.rollout.TaskSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The harnesses of a round, by assignment; one that behaves as a variant does is that variant. Each
 * task is played around the variant that serves it.
 */
final class Arms {
  private final ScreenSettings settings;
  private final Knowledge known;
  private final AegisState state;
  private final LeverSpace space;
  private final VariantPool pool;
  private final Map<Assignment, Optional<RoundPlan.Arm>> byAssignment = new HashMap<>();
  private final Map<String, RoundPlan.Arm> byHash = new HashMap<>();

  Arms(ScreenSettings settings, Knowledge known, AegisState state) {
    this.settings = settings;
    this.known = known;
    this.state = state;
    this.space = known.space(state);
    this.pool = state.pool();
    for (Variant variant : pool.variants()) {
      RoundPlan.Arm arm =
          new RoundPlan.Arm(variant.assignment(), variant.harness(), known.hash(variant.harness()));
      byAssignment.put(
          variant.assignment(), Optional.of(byHash.computeIfAbsent(arm.hash(), hash -> arm)));
    }
  }

  /** Nothing but what is in force. */
  RoundPlan inForce(Collection<TaskSpec> tasks, int attempts) {
    return RoundPlan.of(
        inForce(pool.base()),
        tasks,
        task -> Collections.nCopies(attempts, inForce(pool.serving(task.category()))));
  }

  /** Random subsets of changes around what is in force. */
  RoundPlan plan(int round, Collection<TaskSpec> tasks, int attempts, long seed) {
    ScreenDesign design = new ScreenDesign(settings);
    Map<String, List<ScreenDesign.Share>> shares = new HashMap<>();
    for (Variant variant : pool.variants()) {
      shares.put(
          variant.id(),
          design.shares(
              variant.assignment(),
              space.factors(),
              known.posterior(state, pool.scope(variant)),
              state.resting(round)));
    }
    return RoundPlan.of(
        inForce(pool.base()),
        tasks,
        task -> {
          Variant serving = pool.serving(task.category());
          List<Assignment> arms =
              new ArrayList<>(
                  design.arms(
                      serving.assignment(),
                      shares.getOrDefault(serving.id(), List.of()),
                      attempts,
                      seed,
                      task.key()));
          if (arms.size() > 1) {
            rival(serving, task, round).ifPresent(rival -> arms.set(arms.size() - 1, rival));
          }
          return arms.stream().map(arm -> arm(arm, serving)).toList();
        });
  }

  /**
   * What a variant is held against at its own tasks: a fork against the default, and the default
   * against each fork in turn, unless that is known to do harm there.
   */
  private Optional<Assignment> rival(Variant serving, TaskSpec task, int round) {
    if (pool.forks().isEmpty()) {
      return Optional.empty();
    }
    if (!serving.equals(pool.base())) {
      return Optional.of(pool.base().assignment());
    }
    int turn = Math.floorMod(task.key().hashCode() + round, pool.forks().size());
    Assignment rival = pool.forks().get(turn).assignment();
    double helps =
        known
            .posterior(state, ClusterSet.only(List.of(task.category())))
            .effect(serving.assignment(), rival)
            .probabilityAbove(0);
    return helps < settings.harmful() ? Optional.empty() : Optional.of(rival);
  }

  private RoundPlan.Arm inForce(Variant variant) {
    return arm(variant.assignment(), variant);
  }

  /** What does not go together is the variant that serves the task. */
  private RoundPlan.Arm arm(Assignment assignment, Variant serving) {
    Optional<RoundPlan.Arm> arm =
        byAssignment.computeIfAbsent(
            assignment,
            key ->
                space
                    .harness(key)
                    .map(harness -> new RoundPlan.Arm(key, harness, known.hash(harness)))
                    .map(one -> byHash.computeIfAbsent(one.hash(), hash -> one)));
    return arm.isPresent() ? arm.get() : inForce(serving);
  }
}
