package dev.tandem.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.sampling.SampleRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Native memory is freed by scope, not by luck: a leak of one step's tensors would show here many
 * times over.
 */
final class MemoryTest {

  private static final int STEPS = 100;

  /**
   * A step keeps about 2 MB of tensors alive, so a leak would reach 600 MB; allocators need some
   * slack.
   */
  private static final long SLACK_BYTES = 100L << 20;

  @Test
  void staysFlatOverHundredsOfSteps() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "resident memory is read from /proc, which is absent");
    List<TrainRecord> records = TestModels.records(1, 80);
    List<SampleRequest> requests = TestModels.unconstrained(2, 24, 1);
    try (Decoder decoder = TestModels.decoder();
        Optimiser optimiser = decoder.newOptimiser(AdamWSettings.defaults());
        Gradients gradients = decoder.newGradients()) {
      for (int i = 0; i < 20; i++) {
        step(decoder, optimiser, gradients, records, requests);
      }
      long before = residentBytes(status);
      for (int i = 0; i < STEPS; i++) {
        step(decoder, optimiser, gradients, records, requests);
      }
      assertThat(residentBytes(status) - before).isLessThan(SLACK_BYTES);
    }
  }

  private static void step(
      Decoder decoder,
      Optimiser optimiser,
      Gradients gradients,
      List<TrainRecord> records,
      List<SampleRequest> requests) {
    decoder.sample(requests);
    ForwardPass pass = decoder.forward(records);
    double[] lossByLogProb = new double[pass.logProbs().length];
    Arrays.fill(lossByLogProb, -1e-3);
    pass.backward(lossByLogProb, gradients);
    optimiser.step(gradients, 1e-4, 1);
  }

  private static long residentBytes(Path status) throws IOException {
    try (var lines = Files.lines(status)) {
      return lines
              .filter(line -> line.startsWith("RssAnon:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          * 1024;
    }
  }
}
