package dev.tandem.rollout.house.processor;

/** Singleton groups of House's processors that others of them order themselves after. */
final class HouseGroups {
  static final String FRONTIER = "frontier_note";
  static final String SIGHTINGS = "sighting_note";
  static final String PROGRESS = "progress_note";

  private HouseGroups() {}
}
