package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimulateVerbTest {
  @Test
  void refusesToPlayNothing() throws IOException {
    assertThat(Mistake.sentence(2, List.of(), "simulate", "--seeds", "0"))
        .isEqualTo("tandem: --seeds must be at least 1, was 0");
  }
}
