package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.HarnessVersions;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.value.HarnessException;
import java.util.Optional;

/** How an episode goes on under another harness version; {@link Swap} has the rules. */
final class Swapping {
  private final EpisodeState state;

  Swapping(EpisodeState state) {
    this.state = state;
  }

  /**
   * Swaps, or records why not.
   *
   * @return whether the new version begins otherwise, so that its task_start chain must run
   */
  boolean swap(HookChains.Wish wish) {
    String from = state.harness().hash();
    String refusal = "";
    boolean beginsAnew = false;
    try {
      if (state.swaps.stream().filter(Swap::happened).count() >= state.budget.swaps()) {
        throw new HarnessException(
            "the episode has used up its %d swaps".formatted(state.budget.swaps()));
      }
      Harness next = target(wish.request().target());
      if (next.hash().equals(from)) {
        throw new HarnessException("the episode runs under this version already");
      }
      beginsAnew =
          !next.chainJson(Hook.TASK_START).equals(state.harness().chainJson(Hook.TASK_START));
      goOnUnder(next);
    } catch (HarnessException e) {
      refusal = String.join("; ", e.problems());
    }
    state.swaps.add(
        new Swap(
            state.step() - 1,
            wish.processor(),
            wish.request().target().describe(),
            wish.request().reason(),
            from,
            state.harness().hash(),
            refusal));
    return beginsAnew && refusal.isEmpty();
  }

  private Harness target(SwapRequest.Target target) {
    return switch (target) {
      case SwapRequest.Target.Edited(HarnessEdit edit) -> state.harness().edited(edit);
      case SwapRequest.Target.Version(String name) ->
          find(name)
              .orElseThrow(
                  () -> new HarnessException("no harness version '%s' is known".formatted(name)));
    };
  }

  private Optional<Harness> find(String name) {
    Optional<HarnessVersions> versions = state.harness().services().find(HarnessVersions.class);
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    try {
      return versions.get().find(name);
    } catch (HarnessException e) {
      throw e;
    } catch (Throwable e) {
      Fault.letThrough(e);
      throw new Fault(
          ExitReason.PROCESSOR_FAILURE,
          "harness version '%s' could not be had: %s".formatted(name, Fault.describe(e)),
          e);
    }
  }

  private void goOnUnder(Harness next) {
    Toolbox toolbox = new Toolbox(state.world, next);
    HookChains before = state.chains();
    HookChains chains = before.continuedAs(next, state.models.scoped(next));
    state.goOnUnder(new EpisodeState.Version(next, toolbox, chains));
    before
        .closeAllBut(chains)
        .ifPresent(
            fault -> {
              throw fault;
            });
  }
}
