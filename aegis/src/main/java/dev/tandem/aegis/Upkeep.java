package dev.tandem.aegis;

import dev.tandem.aegis.drift.LeverWatch;
import dev.tandem.aegis.drift.VariantWatch;
import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;
import java.util.Optional;

/** What was shipped and is worth its place no more goes, and the ledger says so. */
final class Upkeep {
  private final AegisSettings settings;
  private final Knowledge known;
  private final List<Decision> decisions;

  Upkeep(AegisSettings settings, Knowledge known, List<Decision> decisions) {
    this.settings = settings;
    this.known = known;
    this.decisions = decisions;
  }

  /** Levers in force that have turned harmful, by concurrent controls. */
  AegisState takeOut(AegisState state) {
    AegisState lighter = state;
    for (Variant variant : state.pool().variants()) {
      lighter = takeOut(lighter, variant);
    }
    return lighter;
  }

  private AegisState takeOut(AegisState state, Variant variant) {
    LeverSpace space = known.space(state);
    Target target = Target.whole(state.pool(), variant);
    AegisState lighter = state;
    Variant now = variant;
    for (LeverWatch.Alarm alarm :
        new LeverWatch(settings.watch())
            .alarms(
                variant.assignment(),
                space.factors(),
                state.evidence().within(target.scope()),
                state.round())) {
      Assignment without = now.assignment().with(alarm.factor(), alarm.factor().reference());
      Optional<HarnessConfig> harness = space.harness(without);
      if (harness.isEmpty()) {
        decisions.add(
            new Decision.Concerned(
                alarm.lever(), "it has turned harmful and the harness does not work without it"));
        continue;
      }
      decisions.add(
          new Decision.Reverted(
              known.hash(now.harness()),
              known.hash(harness.get()),
              alarm.lever(),
              alarm.effect(),
              alarm.window(),
              target.clusters()));
      now = now.under(without, harness.get());
      lighter =
          lighter
              .under(lighter.pool().with(now))
              .resting(List.of(alarm.lever()), state.round() + 1 + settings.rest());
    }
    return lighter;
  }

  /** Variants that beat the default no more on their own tasks are merged back into it. */
  AegisState retire(AegisState state) {
    AegisState fewer = state;
    List<Factor> factors = known.space(state).factors();
    for (Variant fork : state.pool().forks()) {
      String from = known.hash(fork.harness());
      String to = known.hash(state.incumbent());
      Effect worth =
          new VariantWatch(settings.watch())
              .worth(
                  state.assignment(),
                  fork.assignment(),
                  state.pool().scope(fork),
                  factors,
                  state.evidence(),
                  state.round());
      if (from.equals(to) || worth.probabilityAbove(0) < settings.variants().keep()) {
        decisions.add(
            new Decision.Retired(
                fork.id(),
                List.copyOf(fork.clusters()),
                from,
                to,
                worth,
                settings.watch().window()));
        List<Lever> tired =
            state.assignment().changesTo(fork.assignment(), factors).stream()
                .map(Assignment.Change::lever)
                .toList();
        fewer =
            fewer
                .under(fewer.pool().without(fork.id()))
                .resting(tired, state.round() + 1 + settings.rest());
      }
    }
    return fewer;
  }
}
