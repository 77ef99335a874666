package dev.tandem.aegis.oversight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RiskTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();
  private static final HarnessConfig BEFORE =
      HarnessConfig.of(ProcessorSpec.of("system_prompt"), ProcessorSpec.of("history_window"))
          .withSlots(Slots.DEFAULT.withTools(List.of("read_file")));

  private static Risk of(HarnessEdit edit) {
    return Risk.of(BEFORE, BEFORE.apply(edit, REGISTRY), REGISTRY);
  }

  @Test
  void goesByWhatAnEditChanges() {
    ProcessorSpec code =
        ProcessorSpec.of("javascript")
            .with("name", "mine")
            .with("code", "return null")
            .with("hooks", List.of("before_model"));

    assertThat(of(new HarnessEdit.Configure("history_window", "turns", 3))).isEqualTo(Risk.LOW);
    assertThat(of(new HarnessEdit.Insert(ProcessorSpec.of("loop_guard")))).isEqualTo(Risk.MEDIUM);
    assertThat(of(new HarnessEdit.Remove("history_window"))).isEqualTo(Risk.MEDIUM);
    assertThat(of(new HarnessEdit.Move("history_window", 0))).isEqualTo(Risk.MEDIUM);
    assertThat(of(new HarnessEdit.Insert(code))).isEqualTo(Risk.HIGH);
    assertThat(of(new HarnessEdit.Insert(ProcessorSpec.of("model_judge")))).isEqualTo(Risk.HIGH);
    assertThat(of(new HarnessEdit.Equip(Slots.DEFAULT))).isEqualTo(Risk.HIGH);
    assertThat(
            of(
                new HarnessEdit.Sequence(
                    List.of(
                        new HarnessEdit.Configure("history_window", "turns", 3),
                        new HarnessEdit.Insert(code)))))
        .isEqualTo(Risk.HIGH);
  }

  @Test
  void asksFromTheThresholdOn() {
    assertThat(AskFrom.NONE.asks(Risk.HIGH)).isFalse();
    assertThat(AskFrom.LOW.asks(Risk.LOW)).isTrue();
    assertThat(AskFrom.MEDIUM.asks(Risk.LOW)).isFalse();
    assertThat(AskFrom.MEDIUM.asks(Risk.MEDIUM)).isTrue();
    assertThat(AskFrom.HIGH.asks(Risk.MEDIUM)).isFalse();
    assertThat(AskFrom.HIGH.asks(Risk.HIGH)).isTrue();
  }
}
