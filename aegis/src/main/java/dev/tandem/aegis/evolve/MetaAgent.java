package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * Third stage: proposes levers beyond those that {@link LeverSpace} reads from processor metadata.
 * It has no say in whether they play, let alone ship.
 */
@FunctionalInterface
public interface MetaAgent {
  /** The metadata is enough. */
  MetaAgent SYMBOLIC = (landscape, brief) -> Proposals.none(brief.account());

  /** New levers; none if it has no idea. */
  Proposals propose(Landscape landscape, Brief brief);

  /**
   * What the agent may know beside the landscape.
   *
   * @param round the round the proposals are made in
   * @param start the harness that its edits apply to
   * @param incumbent the harness in force
   * @param factors that there are
   * @param proposed how many of their levels were proposed by an agent
   * @param resting levers that do not play for a while
   * @param effects what every lever does, as far as is known, a line each; asked for it is reckoned
   * @param account what proposing has cost so far
   * @param seed of the agent's random streams
   */
  record Brief(
      int round,
      HarnessConfig start,
      HarnessConfig incumbent,
      List<Factor> factors,
      int proposed,
      SortedSet<Lever> resting,
      Supplier<List<String>> effects,
      MetaAccount account,
      long seed) {
    public Brief {
      factors = List.copyOf(factors);
    }

    /** The same when an agent has proposed something before. */
    Brief after(Proposals earlier) {
      return new Brief(
          round,
          start,
          incumbent,
          factors,
          proposed + earlier.levers().size(),
          resting,
          effects,
          earlier.account(),
          seed);
    }
  }

  /**
   * What an agent has to say in a round.
   *
   * @param dropped what it does not propose after all
   * @param account what proposing has cost by now
   * @param note why there is not more; empty if there is nothing to say
   */
  record Proposals(
      List<ProposedLever> levers, List<Dropped> dropped, MetaAccount account, String note) {
    public Proposals {
      levers = List.copyOf(levers);
      dropped = List.copyOf(dropped);
    }

    /** Nothing, which needs no reason. */
    public static Proposals none(MetaAccount account) {
      return new Proposals(List.of(), List.of(), account, "");
    }
  }

  /**
   * A lever that is not taken in.
   *
   * @param lever its name, or its place in what was proposed
   */
  record Dropped(String lever, String reason) {}
}
