package dev.tandem.aegis;

import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;

/**
 * A round's episodes by the harness they ran under; those that broke for other reasons left out.
 */
record Arms(List<Trajectory> incumbent, List<Trajectory> challenger) {
  /**
   * @throws IllegalArgumentException if an episode ran under neither harness, or none under the
   *     incumbent
   */
  static Arms of(List<Trajectory> trajectories, AegisState state, ProcessorRegistry registry) {
    String incumbentHash = state.incumbent().hash(registry);
    Candidate candidate = state.challenger();
    String challengerHash = candidate == null ? "" : candidate.config().hash(registry);
    List<Trajectory> incumbent = new ArrayList<>();
    List<Trajectory> challenger = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      if (trajectory.episode().exitReason().isInfrastructure()) {
        continue;
      }
      if (trajectory.harnessHash().equals(incumbentHash)) {
        incumbent.add(trajectory);
      } else if (trajectory.harnessHash().equals(challengerHash)) {
        challenger.add(trajectory);
      } else {
        throw new IllegalArgumentException(
            "episode %s must have run under the incumbent or the challenger, ran under harness %s"
                .formatted(trajectory.id(), trajectory.harnessHash()));
      }
    }
    if (incumbent.isEmpty()) {
      throw new IllegalArgumentException(
          "evolution needs episodes of the incumbent %s, had none".formatted(incumbentHash));
    }
    return new Arms(incumbent, challenger);
  }
}
