package dev.tandem.kernels.verify;

import java.util.ArrayList;
import java.util.List;

/** All cases. */
final class Cases {
  /** A single element, less than a warp or vector, one, some with a tail, and many with a tail. */
  static final int[] SIZES = {1, 7, 16, 207, 4098};

  private Cases() {}

  static List<Case> all(Verification.Extent extent) {
    List<Case> cases = new ArrayList<>();
    for (int size : SIZES) {
      TokenCases.add(cases, size);
      RowCases.add(cases, size, 5);
    }
    switch (extent) {
      case QUICK -> {}
      case FULL -> {
        RowCases.add(cases, 128, 33);
        RowCases.add(cases, 32_000, 5);
        RowCases.add(cases, 151_936, 5);
      }
    }
    return cases;
  }
}
