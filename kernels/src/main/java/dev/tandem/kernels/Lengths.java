package dev.tandem.kernels;

/** Argument checks shared by the facade and its records. */
final class Lengths {
  private Lengths() {}

  static void requireEqual(String name, int length, int expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " must have " + expected + " entries, had " + length);
    }
  }

  static void requireOffsets(int[] offsets, int end) {
    if (offsets.length == 0 || offsets[0] != 0 || offsets[offsets.length - 1] != end) {
      throw new IllegalArgumentException(
          "groupOffsets must start at 0 and end at the number of values, " + end);
    }
    for (int group = 1; group < offsets.length; group++) {
      if (offsets[group] < offsets[group - 1]) {
        throw new IllegalArgumentException(
            "groupOffsets must not decrease, fell from %d to %d at entry %d"
                .formatted(offsets[group - 1], offsets[group], group));
      }
    }
  }
}
