package dev.tandem.rollout.house.world;

import dev.tandem.harness.spi.FailureCategory;

/** What goes wrong in houses beside what goes wrong anywhere. */
public final class HouseFailures {
  /** Places already searched were searched again while others were left. */
  public static final FailureCategory REDUNDANT_SEARCH = FailureCategory.of("redundant_search");

  /** Something the goal needs was seen, and was not used later. */
  public static final FailureCategory FORGOTTEN_SIGHTING = FailureCategory.of("forgotten_sighting");

  private HouseFailures() {}
}
