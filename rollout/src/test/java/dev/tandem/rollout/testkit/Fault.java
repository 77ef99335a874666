package dev.tandem.rollout.testkit;

import java.util.Locale;

/** What can be wrong with a {@link Corridor}, one at a time, and which check is to find it. */
enum Fault {
  NONE(""),
  ID_WITH_CAPITALS("identity"),
  PARAMETER_CALLED_NAME("identity"),
  CATEGORY_LISTED_TWICE("identity"),
  DEFAULTS_REFUSED("identity"),
  TWO_TASKS_OF_ONE_ID("catalogue"),
  TASKS_OF_ANOTHER_FAMILY("catalogue"),
  TASKS_OF_ANOTHER_SPLIT("catalogue"),
  CONTENT_HASH_CUT_SHORT("catalogue"),
  ONE_CONTENT_IN_TWO_SPLITS("splits"),
  TASKS_BY_COUNT("stability"),
  MORE_TASKS_THAN_SAID("size"),
  FEWER_TASKS_THAN_SAID("size"),
  SCHEMA_OF_NO_TYPE("tools"),
  TOOL_WITH_A_SPACE("tools"),
  TOOLS_THAT_CHANGE("tools"),
  OVER_AT_ONCE("reset"),
  NO_GOAL("reset"),
  FACTS_OFF_SCHEMA("facts"),
  FACTS_UNDECLARED("facts"),
  SCHEMA_OF_FACTS_IS_NONE("facts"),
  UNKNOWN_WORD("vocabulary"),
  WORDING_OF_AN_UNKNOWN_WORD("wordings"),
  WORDING_FOR_NO_PARAMETER("wordings"),
  TELLS_WHAT_IT_REFUSES("admissible"),
  DOES_WHAT_IT_DOES_NOT_TELL("admissible"),
  ADMISSIBLE_UNTOLD("admissible"),
  ADMISSIBLE_UNDECLARED("admissible"),
  NONSENSE_CHANGES_THE_STATE("admissible"),
  HASH_NEVER_CHANGES("state_hash"),
  HASH_BY_THE_CLOCK("state_hash"),
  HASH_UNTOLD("state_hash"),
  HASH_UNDECLARED("state_hash"),
  DRAWS_WITHOUT_A_SEED("replay"),
  JUDGES_BY_CHANCE("replay"),
  ACT_THROWS("replay"),
  RESTORES_HALF("snapshots"),
  SNAPSHOT_UNDECLARED("snapshots"),
  STATE_IS_SHARED("isolation"),
  TAKES_ITS_TIME("instant"),
  EXPERT_GIVES_UP("expert"),
  EXPERT_BREAKS_RULES("expert"),
  EXPERT_MISUSES_A_TOOL("expert"),
  LIMIT_TOO_SHORT("expert"),
  IDLENESS_PAYS("idle"),
  COMPONENT_OUT_OF_RANGE("verdict"),
  SECOND_VERDICT_DIFFERS("verdict"),
  JUDGING_MOVES("verdict"),
  CATEGORY_UNLISTED("taxonomy"),
  SECOND_CLOSE_THROWS("close"),
  LEAVES_THREADS("release");

  /** Name of the check. */
  final String check;

  Fault(String check) {
    this.check = check;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
