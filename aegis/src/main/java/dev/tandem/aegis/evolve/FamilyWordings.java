package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.spi.Wording;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proposes the wordings that a family brings, once each: text is a lever without a language model,
 * too.
 */
public final class FamilyWordings implements MetaAgent {
  private final List<Wording> wordings;
  private final ProcessorRegistry registry;

  public FamilyWordings(List<Wording> wordings, ProcessorRegistry registry) {
    this.wordings = List.copyOf(wordings);
    this.registry = registry;
  }

  @Override
  public Proposals propose(Landscape landscape, Brief brief) {
    Set<Lever> known = new HashSet<>(brief.account().refused());
    for (Factor factor : brief.factors()) {
      factor.levels().forEach(level -> known.add(new Lever(factor.id(), level)));
    }
    List<ProposedLever> levers = new ArrayList<>();
    for (Wording wording : wordings) {
      ProcessorSpec wish =
          ProcessorSpec.of(wording.processor(), Map.of(wording.parameter(), wording.text()));
      ProposedLever.of(
              wish, "a wording of the family's", brief.start(), brief.incumbent(), registry)
          .stream()
          .filter(lever -> known.add(lever.lever()))
          .forEach(levers::add);
    }
    return new Proposals(levers, List.of(), brief.account(), "");
  }
}
