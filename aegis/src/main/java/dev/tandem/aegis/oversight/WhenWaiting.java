package dev.tandem.aegis.oversight;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a run does while an edit waits for a person. */
public enum WhenWaiting {
  /** It stops at the end of the round, to be gone on with once the person has spoken. */
  @JsonProperty("wait")
  WAIT,
  /** It trains on under the incumbent and tries no other edit. */
  @JsonProperty("go_on")
  GO_ON
}
