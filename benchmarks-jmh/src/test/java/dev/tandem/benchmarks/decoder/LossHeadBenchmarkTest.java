package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.torch.LossHead;
import org.junit.jupiter.api.Test;

final class LossHeadBenchmarkTest {
  @Test
  void bothHeadsTakeTheSameSteps() {
    double[] kernels = norms(LossHead.KERNELS);
    assertThat(norms(LossHead.TORCH_SCRIPT)).containsExactly(kernels, within(1e-4 * kernels[0]));
  }

  private static double[] norms(LossHead head) {
    LossHeadBenchmark benchmark = new LossHeadBenchmark();
    benchmark.vocabulary = 300;
    benchmark.head = head;
    benchmark.open();
    try {
      return new double[] {benchmark.policyStep(), benchmark.supervisedStep()};
    } finally {
      benchmark.close();
    }
  }
}
