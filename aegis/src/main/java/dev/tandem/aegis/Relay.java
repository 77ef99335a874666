package dev.tandem.aegis;

import dev.tandem.aegis.critique.Prediction.Score;
import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.plan.Concern;
import dev.tandem.aegis.plan.HitRate;
import dev.tandem.aegis.plan.Standing;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a round's later stages leave to the next round's planner. */
final class Relay {
  private Relay() {}

  /** What stands before a round is planned. */
  static Standing standing(AegisState state, LeverSpace space, ProcessorRegistry registry) {
    return new Standing(
        addressed(state, space, registry), hitRates(state, space), state.concerns());
  }

  /** Failures that a processor in force, or a lever in play, is meant to cure. */
  private static SortedSet<FailureCategory> addressed(
      AegisState state, LeverSpace space, ProcessorRegistry registry) {
    SortedSet<FailureCategory> addressed = new TreeSet<>();
    for (ProcessorSpec spec : state.incumbent().processors()) {
      addressed.addAll(registry.type(spec.type()).addresses());
    }
    Set<Lever> resting = state.resting(state.round());
    for (Factor factor : space.factors()) {
      for (String level : factor.levels()) {
        if (!level.equals(factor.reference()) && !resting.contains(new Lever(factor.id(), level))) {
          type(space, factor, level).ifPresent(type -> addressed.addAll(type.addresses()));
        }
      }
    }
    return addressed;
  }

  private static Optional<ProcessorType> type(LeverSpace space, Factor factor, String level) {
    return space.type(new Assignment.Change(factor, factor.reference(), level));
  }

  private static List<HitRate> hitRates(AegisState state, LeverSpace space) {
    Map<String, Factor> factors = new HashMap<>();
    space.factors().forEach(factor -> factors.put(factor.id(), factor));
    SortedMap<HitRate.Of, SortedMap<String, int[]>> counts = new TreeMap<>();
    for (Shipment shipment : state.shipments()) {
      TreeSet<String> types = new TreeSet<>();
      for (Lever lever : shipment.levers()) {
        count(counts, HitRate.Of.LEVER, lever.toString(), shipment);
        Optional.ofNullable(factors.get(lever.factor()))
            .flatMap(factor -> type(space, factor, lever.level()))
            .map(type -> type.dimension().name().toLowerCase(Locale.ROOT))
            .ifPresent(types::add);
      }
      types.forEach(type -> count(counts, HitRate.Of.TYPE, type, shipment));
    }
    List<HitRate> rates = new ArrayList<>();
    counts.forEach(
        (of, byName) ->
            byName.forEach((name, hits) -> rates.add(new HitRate(of, name, hits[0], hits[1]))));
    return rates;
  }

  private static void count(
      SortedMap<HitRate.Of, SortedMap<String, int[]>> counts,
      HitRate.Of of,
      String name,
      Shipment shipment) {
    for (Shipment.Claim claim : shipment.claims()) {
      if (!claim.isOpen()) {
        int[] hits =
            counts
                .computeIfAbsent(of, key -> new TreeMap<>())
                .computeIfAbsent(name, key -> new int[2]);
        hits[0] += claim.score() == Score.CAME_TRUE ? 1 : 0;
        hits[1]++;
      }
    }
  }

  /** The concerns that stand after a round's decisions. */
  static List<Concern> concerns(AegisState state, List<Decision> decisions) {
    Map<String, List<Lever>> bundles = new HashMap<>();
    List<Concern> raised = new ArrayList<>();
    Set<Lever> settled = new TreeSet<>();
    state.pool().variants().forEach(one -> settled.addAll(one.assignment().levers()));
    for (Decision decision : decisions) {
      switch (decision) {
        case Decision.Bundled bundled ->
            bundles.put(
                bundled.manifest().id(),
                bundled.levers().stream().map(LeverEffect::lever).toList());
        case Decision.Rejected rejected ->
            raised.add(
                new Concern(
                    state.round(),
                    Concern.Source.GATE,
                    bundles.getOrDefault(rejected.candidate(), List.of()),
                    rejected.reason()));
        case Decision.Concerned concerned -> {
          raised.add(
              new Concern(
                  state.round(),
                  Concern.Source.CRITIC,
                  List.of(concerned.lever()),
                  concerned.reason()));
          settled.remove(concerned.lever());
        }
        case Decision.Reverted reverted -> settled.add(reverted.lever());
        case Decision.Digested _,
            Decision.Proposed _,
            Decision.Refused _,
            Decision.Screened _,
            Decision.Scored _,
            Decision.Shipped _,
            Decision.Forked _,
            Decision.Retired _,
            Decision.Bisected _,
            Decision.Awaiting _,
            Decision.Approved _,
            Decision.Declined _,
            Decision.Idle _ -> {
          // Nothing is held against a lever.
        }
      }
    }
    return Standing.concerns(state.concerns(), raised, settled, state.round());
  }
}
