package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;

/** Third stage: proposes edits. It has no say in whether they ship. */
@FunctionalInterface
public interface MetaAgent {
  /**
   * Proposes edits of the incumbent, at most as many as the brief asks for; none if it has no idea.
   */
  List<Candidate> propose(Landscape landscape, Brief brief);

  /**
   * What the agent may know beside the landscape.
   *
   * @param round the round the proposals are made in
   * @param tried every edit tried so far, oldest first
   * @param count most candidates wanted, exploratory ones included
   * @param exploratory how many of them must be drawn to learn about structures, untried ones first
   * @param cooldown rounds in which an edit is not proposed again unless the evidence has changed
   * @param seed of the agent's random streams
   */
  record Brief(
      int round,
      HarnessConfig incumbent,
      Reputations reputations,
      List<TriedEdit> tried,
      int count,
      int exploratory,
      int cooldown,
      long seed) {
    public Brief {
      tried = List.copyOf(tried);
    }
  }
}
