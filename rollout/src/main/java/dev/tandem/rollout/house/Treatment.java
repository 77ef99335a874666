package dev.tandem.rollout.house;

import java.util.Locale;

/** What can be done to a thing, where, and what the goal calls a thing so treated. */
enum Treatment {
  CLEAN(Receptacle.SINKBASIN, "clean"),
  HEAT(Receptacle.MICROWAVE, "hot"),
  COOL(Receptacle.FRIDGE, "cool");

  final Receptacle appliance;
  final String adjective;

  Treatment(Receptacle appliance, String adjective) {
    this.appliance = appliance;
    this.adjective = adjective;
  }

  String verb() {
    return name().toLowerCase(Locale.ROOT);
  }
}
