package dev.tandem.harness;

import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HarnessTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static ProcessorType at(String id, int order, String... after) {
    return type(id, order, List.of(after), () -> _ -> Outcome.PASS, Hook.BEFORE_MODEL);
  }

  private static List<String> chain(ProcessorType... types) {
    return TestTypes.harness(types).chain(Hook.BEFORE_MODEL).stream()
        .map(ProcessorType::id)
        .toList();
  }

  @Test
  void lowerOrderComesFirst() {
    assertThat(chain(at("late", ProcessorType.POST), at("early", ProcessorType.PRE), at("mid", 0)))
        .containsExactly("early", "mid", "late");
  }

  @Test
  void equalOrderIsSettledByAfterThenByListPosition() {
    assertThat(chain(at("d", 0, "c"), at("b", 0), at("c", 0, "b"), at("a", 0)))
        .containsExactly("b", "c", "d", "a");
  }

  @Test
  void afterDoesNotOverruleOrder() {
    assertThat(chain(at("first", ProcessorType.PRE, "second"), at("second", 0)))
        .containsExactly("first", "second");
  }

  @Test
  void circleInAfterIsRefused() {
    assertThatThrownBy(() -> TestTypes.harness(at("a", 0, "b"), at("b", 0, "a"), at("c", 0)))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("[a, b]")
        .hasMessageContaining("before_model");
  }

  @Test
  void chainHoldsOnlyProcessorsOfItsHook() {
    Harness harness =
        TestTypes.harness(at("speaks", 0), type("listens", _ -> Outcome.PASS, Hook.AFTER_TOOL));

    assertThat(harness.chain(Hook.AFTER_TOOL))
        .extracting(ProcessorType::id)
        .containsExactly("listens");
    assertThat(harness.chain(Hook.TASK_END)).isEmpty();
  }

  @Test
  void builtInNotesComeInReadingOrderWhateverTheConfigurationsOrder() {
    List<ProcessorSpec> reversed =
        ProcessorRegistry.builtIn().searchable().reversed().stream()
            .map(type -> ProcessorSpec.of(type.id()))
            .toList();
    Harness harness = Harness.compile(new HarnessConfig(reversed), REGISTRY);

    assertThat(harness.chain(Hook.BEFORE_MODEL))
        .extracting(ProcessorType::id)
        .containsExactly("admissible_commands", "step_budget_notice", "loop_guard");
    assertThat(harness.chain(Hook.AFTER_MODEL))
        .extracting(ProcessorType::id)
        .containsExactly("parse_retry", "loop_guard");
  }

  @Test
  void oneErrorListsEveryConflict() {
    HarnessConfig config =
        HarnessConfig.of(
            ProcessorSpec.of("loop_guard"),
            ProcessorSpec.of("loop_guard", Map.of("repeats", 9)),
            ProcessorSpec.of("teleport"),
            ProcessorSpec.of("parse_retry", Map.of("attempt", 1)));

    assertThat(
            catchThrowableOfType(HarnessException.class, () -> Harness.compile(config, REGISTRY))
                .problems())
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("singleton group 'loop_guard'"),
            problem -> assertThat(problem).contains("repeats must be", "was 9"),
            problem -> assertThat(problem).contains("unknown processor type 'teleport'"),
            problem -> assertThat(problem).contains("'attempt'", "did you mean 'attempts'?"));
  }

  @Test
  void hashIsTheConfigurations() {
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("history_window"));

    assertThat(Harness.compile(config, REGISTRY).hash()).isEqualTo(config.hash(REGISTRY));
  }

  @Test
  void twoTypesOfOneIdAreRefused() {
    assertThatThrownBy(() -> new ProcessorRegistry(List.of(at("a", 0), at("a", 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a'");
  }
}
