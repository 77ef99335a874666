package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;

/**
 * Third stage: proposes levers beyond those that {@link LeverSpace} reads from processor metadata.
 * It has no say in whether they play, let alone ship.
 */
@FunctionalInterface
public interface MetaAgent {
  /** The metadata is enough. */
  MetaAgent SYMBOLIC = (landscape, brief) -> List.of();

  /** New levers; none if it has no idea. */
  List<ProposedLever> propose(Landscape landscape, Brief brief);

  /**
   * What the agent may know beside the landscape.
   *
   * @param round the round the proposals are made in
   * @param start the harness that its edits apply to
   * @param incumbent the harness in force
   * @param factors that there are
   * @param seed of the agent's random streams
   */
  record Brief(
      int round, HarnessConfig start, HarnessConfig incumbent, List<Factor> factors, long seed) {
    public Brief {
      factors = List.copyOf(factors);
    }
  }
}
