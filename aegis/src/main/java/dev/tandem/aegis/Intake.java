package dev.tandem.aegis;

import dev.tandem.aegis.evolve.LeverSpace;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.HarnessException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of a meta-agent's proposals, whoever it is: a lever that there is, by its name or by
 * what it does, is dropped; one that may not be played is refused, so that no episode is spent on
 * it; the others are levers like the rest.
 */
final class Intake {
  private final AegisState before;
  private final MetaAgent.Proposals proposals;
  private final ProcessorRegistry registry;
  private final Admission admission;
  private final Map<String, Factor> factors = new HashMap<>();

  private final List<ProposedLever> taken = new ArrayList<>();
  private final List<MetaAgent.Dropped> dropped;
  private final List<Decision> refusals = new ArrayList<>();
  private final List<Lever> refused = new ArrayList<>();

  /** What each lever that there is makes of the first harness, by content hash. */
  private final Map<String, Lever> byHash = new HashMap<>();

  Intake(
      AegisState before,
      LeverSpace space,
      ProcessorRegistry registry,
      Admission admission,
      MetaAgent.Proposals proposals) {
    this.before = before;
    this.proposals = proposals;
    this.registry = registry;
    this.admission = admission;
    this.dropped = new ArrayList<>(proposals.dropped());
    if (!proposals.levers().isEmpty()) {
      space.factors().forEach(factor -> remember(factor, space));
      proposals.levers().forEach(this::judge);
    }
  }

  private void remember(Factor factor, LeverSpace space) {
    factors.put(factor.id(), factor);
    for (String level : factor.levels()) {
      if (!level.equals(factor.reference())) {
        space
            .harness(Assignment.REFERENCE.with(factor, level))
            .ifPresent(
                harness ->
                    byHash.putIfAbsent(harness.hash(registry), new Lever(factor.id(), level)));
      }
    }
  }

  private void judge(ProposedLever proposed) {
    Lever lever = proposed.lever();
    Factor factor = factors.get(lever.factor());
    if (factor != null && factor.levels().contains(lever.level())) {
      drop(lever, "it is there already");
      return;
    }
    if (before.meta().refused().contains(lever) || refused.contains(lever)) {
      drop(lever, "it was refused before");
      return;
    }
    try {
      HarnessConfig result = before.start().apply(proposed.edit(), registry);
      Lever same = byHash.get(result.hash(registry));
      if (same != null) {
        drop(lever, "it does what %s does".formatted(same));
        return;
      }
      Optional<Admission.Refusal> refusal =
          admission.refusal(before.start(), proposed.edit(), result);
      if (refusal.isPresent()) {
        refuse(proposed, refusal.get());
        return;
      }
      byHash.put(result.hash(registry), lever);
      taken.add(proposed);
    } catch (HarnessException none) {
      refuse(
          proposed,
          new Admission.Refusal(Admission.Ground.COMPILATION, String.valueOf(none.getMessage())));
    }
  }

  private void drop(Lever lever, String reason) {
    dropped.add(new MetaAgent.Dropped(lever.toString(), reason));
  }

  private void refuse(ProposedLever proposed, Admission.Refusal why) {
    refused.add(proposed.lever());
    refusals.add(
        new Decision.Refused(
            proposed.lever().toString(),
            proposed.edit().describe(),
            why.ground(),
            why.reason(),
            why.quarantines()));
  }

  /** The state with the levers that were taken in, and what they cost. */
  AegisState state() {
    MetaAccount account = proposals.account().refusing(refused);
    return taken.isEmpty() && account.equals(before.meta())
        ? before
        : before.offered(taken, account);
  }

  /** What the ledger has of it; nothing where nobody proposed anything or had anything to say. */
  List<Decision> decisions() {
    List<Decision> all = new ArrayList<>();
    long tokens = proposals.account().tokens() - before.meta().tokens();
    if (!taken.isEmpty() || !dropped.isEmpty() || tokens > 0 || !proposals.note().isEmpty()) {
      all.add(
          new Decision.Proposed(
              taken,
              dropped,
              tokens,
              proposals.account().money() - before.meta().money(),
              proposals.note()));
    }
    all.addAll(refusals);
    return all;
  }
}
