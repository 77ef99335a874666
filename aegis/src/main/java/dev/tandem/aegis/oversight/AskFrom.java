package dev.tandem.aegis.oversight;

import com.fasterxml.jackson.annotation.JsonProperty;

/** From which {@link Risk} on an edit that has passed the gate waits for a person. */
public enum AskFrom {
  /** Nobody is asked. */
  @JsonProperty("none")
  NONE,
  @JsonProperty("low")
  LOW,
  @JsonProperty("medium")
  MEDIUM,
  @JsonProperty("high")
  HIGH;

  /** Whether a person is asked about an edit of this risk. */
  public boolean asks(Risk risk) {
    return switch (this) {
      case NONE -> false;
      case LOW -> true;
      case MEDIUM -> risk != Risk.LOW;
      case HIGH -> risk == Risk.HIGH;
    };
  }
}
