package dev.tandem.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkOnRequestTest {
  private static final String IDS = "[[5,6,7,8,9,10],[11,12,13,14,15,16]]";

  @TempDir private Path folder;

  @BeforeEach
  void save() throws IOException {
    try (Decoder decoder = Decoder.initialise(DecoderWorkload.HOUSE.spec(), 1, Execution.cpu(1))) {
      decoder.saveWeights(folder);
      Files.writeString(folder.resolve("config.json"), decoder.spec().toJson().toString());
    }
  }

  @Test
  void answersEveryKindOfWork() throws IOException {
    try (WorkOnRequest side = new WorkOnRequest(folder)) {
      double[] tokens = answer(side, "DECODE", 4).values();
      assertThat(tokens).hasSize(8);
      double[] scores = answer(side, "SCORE", 0).values();
      assertThat(scores).hasSize(10);
      assertThat(Arrays.stream(scores)).allMatch(one -> one < 0);
      WorkOnRequest.Answer trained = answer(side, "TRAIN", 0);
      assertThat(trained.seconds()).isPositive();
      assertThat(trained.values()[0])
          .isCloseTo(-Arrays.stream(scores).average().orElseThrow(), within(1e-4));
      assertThat(trained.values()[1]).isPositive();
      assertThat(answer(side, "GRPO", 6).values()[0]).isPositive();
    }
  }

  @Test
  void stepsMoveTheWeights() throws IOException {
    try (WorkOnRequest side = new WorkOnRequest(folder)) {
      double before = answer(side, "TRAIN", 0).values()[0];
      assertThat(answer(side, "TRAIN", 0).values()[0]).isLessThan(before);
    }
  }

  private static WorkOnRequest.Answer answer(WorkOnRequest side, String work, int newTokens)
      throws IOException {
    String line =
        "{\"work\":\"%s\",\"precision\":\"FLOAT32\",\"ids\":%s,\"newTokens\":%d,\"generations\":4,\"learningRate\":1e-3,\"seed\":3}"
            .formatted(work, IDS, newTokens);
    return side.answer(new ObjectMapper().readValue(line, WorkOnRequest.Request.class));
  }
}
