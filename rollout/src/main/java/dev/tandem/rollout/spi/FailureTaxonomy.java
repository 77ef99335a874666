package dev.tandem.rollout.spi;

import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.SortedMap;

/**
 * How a family's episodes go wrong, told from traces alone. Whatever it says is evidence for
 * evolution and never part of a verdict.
 */
public interface FailureTaxonomy {
  /** The categories it can tell. */
  List<FailureCategory> categories();

  /**
   * A reader of a round's episodes, which may first go through all of them to learn what is usual,
   * and keeps none.
   */
  Reader over(Trajectories trajectories);

  /** Reads one episode at a time. */
  @FunctionalInterface
  interface Reader {
    /** Indices of the steps that went wrong in a failed episode, by what was wrong with them. */
    SortedMap<FailureCategory, List<Integer>> failures(Trajectory trajectory);
  }
}
