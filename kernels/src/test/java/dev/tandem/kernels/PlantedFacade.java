package dev.tandem.kernels;

import dev.tandem.kernels.planted.PlantedRoom;

/** The other half of the planted cycle, in the module's root package. */
public final class PlantedFacade {
  /** Goes to the package below. */
  public PlantedRoom room() {
    return new PlantedRoom(this);
  }
}
