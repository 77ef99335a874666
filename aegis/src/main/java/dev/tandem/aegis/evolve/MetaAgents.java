package dev.tandem.aegis.evolve;

import dev.tandem.aegis.plan.Landscape;
import java.util.ArrayList;
import java.util.List;

/** Several meta-agents, asked one after the other. */
public record MetaAgents(List<MetaAgent> agents) implements MetaAgent {
  public MetaAgents {
    agents = List.copyOf(agents);
  }

  @Override
  public Proposals propose(Landscape landscape, Brief brief) {
    List<ProposedLever> levers = new ArrayList<>();
    List<Dropped> dropped = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Brief next = brief;
    for (MetaAgent agent : agents) {
      Proposals said = agent.propose(landscape, next);
      levers.addAll(said.levers());
      dropped.addAll(said.dropped());
      if (!said.note().isEmpty()) {
        notes.add(said.note());
      }
      next = next.after(said);
    }
    return new Proposals(levers, dropped, next.account(), String.join("; ", notes));
  }
}
