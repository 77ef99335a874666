package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a trainer calls at every step leaves nothing for the collector. */
final class AllocationTest {
  private static final int CALLS = 10_000;

  /** Within so many times as many calls, everything is compiled. */
  private static final int WARM_UPS = 30;

  private static final int ROWS = 3;
  private static final int VOCABULARY = 1_300;

  @Test
  void tenThousandCallsOnLogitsAllocateNothing() {
    Kernels kernels = Backends.supported(KernelBackend.VECTOR_API);
    try (Arena arena = Arena.ofConfined()) {
      Matrix logits = Matrix.allocate(arena, ArrayElement.F32, ROWS, VOCABULARY);
      SplittableRandom random = new SplittableRandom(1);
      for (int row = 0; row < ROWS; row++) {
        for (int j = 0; j < VOCABULARY; j++) {
          logits.row(row).set(j, random.nextDouble(-4, 4));
        }
      }
      Values ids = Values.of(new int[] {5, 0, VOCABULARY - 1});
      Values entropies = Values.of(new float[ROWS]);
      Values logSumExps = Values.of(new double[ROWS]);
      SelectedLogProbs forward =
          new SelectedLogProbs(logits, ids, 1, Values.of(new float[ROWS]), entropies, logSumExps);
      SelectedLogProbsBackward backward =
          new SelectedLogProbsBackward(
              logits,
              ids,
              1,
              logSumExps,
              Values.of(new float[] {1, 0, -1}),
              Values.of(new float[] {0.5f, 0, 0}),
              entropies);
      long allocated = allocated(kernels, forward, backward);
      for (int i = 0; i < WARM_UPS && allocated > 0; i++) {
        allocated = allocated(kernels, forward, backward);
      }
      assertThat(allocated).as("bytes by %d calls", CALLS).isZero();
    }
  }

  private static long allocated(Kernels kernels, Operation forward, Operation backward) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS / 2; i++) {
      kernels.run(forward);
      kernels.run(backward);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
