package dev.tandem.rollout.house.world;

import java.util.Locale;

/** What can be done to a thing, where, and what the goal calls a thing so treated. */
public enum Treatment {
  CLEAN(Receptacle.SINKBASIN, "clean"),
  HEAT(Receptacle.MICROWAVE, "hot"),
  COOL(Receptacle.FRIDGE, "cool");

  final Receptacle appliance;
  public final String adjective;

  Treatment(Receptacle appliance, String adjective) {
    this.appliance = appliance;
    this.adjective = adjective;
  }

  public String verb() {
    return name().toLowerCase(Locale.ROOT);
  }
}
