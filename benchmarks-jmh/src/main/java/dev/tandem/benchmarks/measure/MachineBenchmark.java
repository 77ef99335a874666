package dev.tandem.benchmarks.measure;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one core of this machine can do at most: the roof that the kernels are measured against. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class MachineBenchmark {
  /** Several times the caches. */
  private static final long COPIED_BYTES = 256L << 20;

  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
  private static final int ROUNDS = 10_000;

  /** As many as hide the latency of one. */
  private static final int CHAINS = 10;

  private Arena arena;
  private MemorySegment from;
  private MemorySegment to;
  private float factor;

  /** Touches all the memory, so that it exists. */
  @Setup
  public void allocate() {
    arena = Arena.ofShared();
    from = arena.allocate(COPIED_BYTES, Long.BYTES).fill((byte) 1);
    to = arena.allocate(COPIED_BYTES, Long.BYTES).fill((byte) 2);
    factor = 0.5f;
  }

  @TearDown
  public void free() {
    arena.close();
  }

  /** A copy in main memory; what is read and what is written both count. */
  @Benchmark
  public MemorySegment copy(Traffic traffic) {
    to.copyFrom(from);
    traffic.add(2 * COPIED_BYTES, 0);
    return to;
  }

  /** Independent chains of fused multiplications and additions on the widest float32 lanes. */
  @Benchmark
  public FloatVector multiplyAdd(Traffic traffic) {
    FloatVector b = FloatVector.broadcast(LANES, factor);
    FloatVector c0 = b;
    FloatVector c1 = b;
    FloatVector c2 = b;
    FloatVector c3 = b;
    FloatVector c4 = b;
    FloatVector c5 = b;
    FloatVector c6 = b;
    FloatVector c7 = b;
    FloatVector c8 = b;
    FloatVector c9 = b;
    for (int round = 0; round < ROUNDS; round++) {
      c0 = c0.fma(b, b);
      c1 = c1.fma(b, b);
      c2 = c2.fma(b, b);
      c3 = c3.fma(b, b);
      c4 = c4.fma(b, b);
      c5 = c5.fma(b, b);
      c6 = c6.fma(b, b);
      c7 = c7.fma(b, b);
      c8 = c8.fma(b, b);
      c9 = c9.fma(b, b);
    }
    traffic.add(0, 2L * ROUNDS * CHAINS * LANES.length());
    return c0.add(c1).add(c2).add(c3).add(c4).add(c5).add(c6).add(c7).add(c8).add(c9);
  }
}
