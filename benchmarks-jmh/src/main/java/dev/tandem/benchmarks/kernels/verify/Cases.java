package dev.tandem.benchmarks.kernels.verify;

import java.util.ArrayList;
import java.util.List;

/** All cases. */
final class Cases {
  /** A single element, less than a warp or vector, one, some with a tail, and many with a tail. */
  private static final int[] SIZES = {1, 7, 16, 207, 4098};

  /** The tiny model's, Llama 2's and Qwen's. */
  private static final int[] VOCABULARIES = {128, 32_000, 151_936};

  private Cases() {}

  /**
   * The cases of an extent.
   *
   * @param only these sizes; all when empty
   */
  static List<Case> all(Verification.Extent extent, List<Integer> only) {
    List<Case> cases = new ArrayList<>();
    for (int size : SIZES) {
      if (only.isEmpty() || only.contains(size)) {
        TokenCases.add(cases, size);
        RowCases.add(cases, size, 5);
      }
    }
    int[] vocabularies =
        switch (extent) {
          case QUICK -> new int[0];
          case FULL -> VOCABULARIES;
        };
    for (int vocabulary : vocabularies) {
      if (only.isEmpty() || only.contains(vocabulary)) {
        RowCases.add(cases, vocabulary, 5);
      }
    }
    return cases;
  }
}
