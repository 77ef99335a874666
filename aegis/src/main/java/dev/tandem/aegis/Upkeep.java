package dev.tandem.aegis;

import dev.tandem.aegis.critique.RewardWatch;
import dev.tandem.aegis.drift.LeverWatch;
import dev.tandem.aegis.drift.VariantWatch;
import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    AegisState lighter = state;
    for (LeverWatch.Alarm alarm :
        new LeverWatch(settings.watch())
            .alarms(
                variant.assignment(),
                known.space(state).factors(),
                state.evidence().within(state.pool().scope(variant)),
                state.round())) {
      lighter =
          takeOut(
              lighter,
              variant.id(),
              alarm.factor(),
              new Ground(alarm.effect(), alarm.window(), null));
    }
    return lighter;
  }

  /**
   * Levers in force that game the verifier, whatever they do to success. To be suspected is not
   * enough: an honest lever must be as safe from it as from the watch over what turns harmful.
   *
   * @param suspects of the whole pool
   */
  AegisState takeOut(AegisState state, Collection<RewardWatch.Suspicion> suspects) {
    AegisState lighter = state;
    int rounds = Math.min(state.evolved(), settings.effects().memory());
    for (Variant variant : state.pool().variants()) {
      double bar = settings.watch().risk() / Math.max(1, variant.assignment().levels().size());
      for (RewardWatch.Suspicion suspicion : suspects) {
        if (1 - suspicion.chance() < bar) {
          for (Factor factor : known.space(state).factors()) {
            if (isOn(variant, factor, suspicion.lever())) {
              lighter =
                  takeOut(
                      lighter,
                      variant.id(),
                      factor,
                      new Ground(suspicion.success(), rounds, suspicion.reason()));
            }
          }
        }
      }
    }
    return lighter;
  }

  private static boolean isOn(Variant variant, Factor factor, Lever lever) {
    return lever.equals(new Lever(factor.id(), variant.assignment().level(factor)))
        && !lever.level().equals(factor.reference());
  }

  /**
   * Why a lever goes.
   *
   * @param effect of having it on success
   * @param window rounds looked at
   * @param gaming what it does to the verifier, null if it is merely harmful
   */
  private record Ground(Effect effect, int window, @Nullable String gaming) {}

  private AegisState takeOut(AegisState state, String id, Factor factor, Ground ground) {
    Variant variant = state.pool().find(id);
    Lever lever = new Lever(factor.id(), variant.assignment().level(factor));
    Assignment without = variant.assignment().with(factor, factor.reference());
    Optional<HarnessConfig> harness = known.space(state).harness(without);
    if (harness.isEmpty()) {
      decisions.add(
          new Decision.Concerned(
              lever,
              (ground.gaming() == null ? "it has turned harmful" : ground.gaming())
                  + " and the harness does not work without it"));
      return state;
    }
    decisions.add(
        new Decision.Reverted(
            known.hash(variant.harness()),
            known.hash(harness.get()),
            lever,
            ground.effect(),
            ground.window(),
            ground.gaming(),
            Target.whole(state.pool(), variant).clusters()));
    return state
        .under(state.pool().with(variant.under(without, harness.get())))
        .resting(List.of(lever), state.round() + 1 + settings.rest());
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
