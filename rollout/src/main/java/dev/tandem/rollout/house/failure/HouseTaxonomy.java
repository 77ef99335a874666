package dev.tandem.rollout.house.failure;

import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.house.world.HouseFailures;
import dev.tandem.rollout.spi.FailureTaxonomy;
import java.util.List;

/** How episodes in houses go wrong: searching, sighting, carrying. */
public final class HouseTaxonomy implements FailureTaxonomy {
  @Override
  public List<FailureCategory> categories() {
    return List.of(
        FailureCategory.UNPARSEABLE_RESPONSE,
        FailureCategory.INADMISSIBLE_ACTION,
        FailureCategory.REPEATED_ACTION,
        HouseFailures.REDUNDANT_SEARCH,
        HouseFailures.FORGOTTEN_SIGHTING,
        FailureCategory.LOST_PROGRESS,
        FailureCategory.OUT_OF_STEPS,
        FailureCategory.PREMATURE_FINISH);
  }

  @Override
  public Reader over(Trajectories trajectories) {
    Lexicon lexicon = Lexicon.of(trajectories);
    return trajectory -> FailureScan.scan(trajectory.episode(), lexicon);
  }
}
