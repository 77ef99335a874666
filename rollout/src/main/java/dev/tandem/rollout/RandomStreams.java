package dev.tandem.rollout;

import java.util.SplittableRandom;

/**
 * Random streams derived by name from one seed: a stream depends on the run's seed, its own name
 * and its indices, and on nothing that ran before it.
 */
public final class RandomStreams {
  private RandomStreams() {}

  /** Seed of the stream with this name and these indices. */
  public static long derive(long seed, String name, long... indices) {
    long state = mix(seed);
    for (int i = 0; i < name.length(); i++) {
      state = mix(state ^ name.charAt(i));
    }
    for (long index : indices) {
      state = mix(state ^ index);
    }
    return state;
  }

  /** Seed of a stream that belongs to something with a name, such as a task. */
  public static long derive(long seed, String name, String whose, long... indices) {
    return derive(derive(seed, name), whose, indices);
  }

  /** The stream itself. */
  public static SplittableRandom stream(long seed, String name, long... indices) {
    return new SplittableRandom(derive(seed, name, indices));
  }

  /** Steele, Lea and Flood's 64-bit finaliser (SplitMix64), with the golden-ratio increment. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
