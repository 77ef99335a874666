package dev.tandem.harness.processor.support;

/** Singleton groups that processors of other packages order themselves after. */
public final class Groups {
  public static final String RENDERER = "observation_renderer";
  public static final String FRONTIER = "frontier_note";
  public static final String SIGHTINGS = "sighting_note";
  public static final String PROGRESS = "progress_note";
  public static final String STEP_BUDGET_NOTICE = "step_budget_notice";
  public static final String PARSE_RETRY = "parse_retry";

  private Groups() {}
}
