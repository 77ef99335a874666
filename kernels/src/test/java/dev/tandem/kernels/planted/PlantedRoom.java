package dev.tandem.kernels.planted;

import dev.tandem.kernels.PlantedFacade;

/** Needs the package above, which needs this one. */
public final class PlantedRoom {
  private final PlantedFacade facade;

  /** Keeps the way back. */
  public PlantedRoom(PlantedFacade facade) {
    this.facade = facade;
  }

  /** Where this came from. */
  public PlantedFacade facade() {
    return facade;
  }
}
