package dev.tandem.aegis.gate;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the gate weighs what an edit gains against what it loses. */
public enum Seesaw {
  /** Evidence: an anytime-valid test for a gain, and one for a loss in each task category. */
  @JsonProperty("sequential")
  SEQUENTIAL,
  /** The rule of HarnessX: no task solved before may be lost, under pass@2. */
  @JsonProperty("strict")
  STRICT
}
