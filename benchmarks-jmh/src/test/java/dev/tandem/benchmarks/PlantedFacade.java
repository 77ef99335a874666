package dev.tandem.benchmarks;

import dev.tandem.benchmarks.planted.PlantedRoom;

/** The other half of the planted cycle, in the module's root package. */
public final class PlantedFacade {
  /** Goes to the package below. */
  public PlantedRoom room() {
    return new PlantedRoom(this);
  }
}
