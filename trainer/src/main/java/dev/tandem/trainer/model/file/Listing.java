package dev.tandem.trainer.model.file;

import java.util.List;

/** Long lists in short sentences. */
public final class Listing {

  private static final int SHOWN = 12;

  private Listing() {}

  /** The items, separated by semicolons; of a long list the first ones and how many follow. */
  public static String of(List<String> items) {
    return items.size() <= SHOWN
        ? String.join("; ", items)
        : "%s; and %d more"
            .formatted(String.join("; ", items.subList(0, SHOWN)), items.size() - SHOWN);
  }
}
