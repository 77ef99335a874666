package dev.tandem.benchmarks.measure;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What a second's work amounts to, for comparison with what the machine can do: the bytes that an
 * operation must read and write at the least, and its floating-point operations, where a fused
 * multiply and add counts as two and an exponential as {@link Flops#EXPONENTIAL}.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Traffic {
  public long bytes;
  public long flops;

  /** Counts a call's work. */
  public void add(long moreBytes, long moreFlops) {
    bytes += moreBytes;
    flops += moreFlops;
  }
}
