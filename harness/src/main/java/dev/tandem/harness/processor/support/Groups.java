package dev.tandem.harness.processor.support;

/** Singleton groups that several processors name. */
public final class Groups {
  public static final String RENDERER = "observation_renderer";
  public static final String STEP_BUDGET_NOTICE = "step_budget_notice";
  public static final String PARSE_RETRY = "parse_retry";

  private Groups() {}
}
