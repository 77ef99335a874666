package dev.tandem.rollout.house.processor;

import dev.tandem.harness.spi.ProcessorType;
import java.util.Arrays;
import java.util.List;

/** The processor types that make sense for places and what is in them. */
public final class HouseProcessors {
  private static final String WORDS =
      "you are at in the room it is open closed see nothing hold places searched unsearched seen"
          + " here done";

  private HouseProcessors() {}

  /** Every type, in a fixed order: it decides what a warm start draws. */
  public static List<ProcessorType> types() {
    return List.of(
        HouseView.TYPE, FrontierNote.TYPE, SightingNote.TYPE, ProgressNote.TYPE, SearchGuard.TYPE);
  }

  /** Every word of their texts, beside the names that houses use. */
  public static List<String> vocabulary() {
    return Arrays.asList((WORDS + " " + SearchGuard.NOTE).split(" ", -1));
  }
}
