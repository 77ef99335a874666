package dev.tandem.aegis.oversight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedLinesTest {
  private static final HarnessConfig BEFORE =
      HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("searched"));
  private static final ProcessorRegistry BUILT_IN = ProcessorRegistry.builtIn();
  private static final HarnessConfig PLAIN =
      HarnessConfig.of(ProcessorSpec.of("system_prompt"), ProcessorSpec.of("history_window"));

  private static List<String> breaches(String lines, HarnessConfig after) {
    return RedLines.parse(lines).breaches(BEFORE, after, TestRegistry.REGISTRY);
  }

  private static List<String> builtIn(String lines, HarnessConfig before, HarnessConfig after) {
    return RedLines.parse(lines).breaches(before, after, BUILT_IN);
  }

  private static HarnessConfig allowing(String... tools) {
    return PLAIN.withSlots(Slots.DEFAULT.withTools(List.of(tools)));
  }

  private static ProcessorSpec code(String name, String code) {
    return ProcessorSpec.of("javascript")
        .with("name", name)
        .with("code", code)
        .with("hooks", List.of("before_model"));
  }

  @Test
  void findsAddedProtectedAndTurned() {
    String lines =
        """
        forbidden_types: [guard]
        protected_types: [renderer]
        forbidden_parameters: [searched.limit]
        """;
    HarnessConfig after =
        HarnessConfig.of(ProcessorSpec.of("searched").with("limit", 2), ProcessorSpec.of("guard"));

    assertThat(breaches(lines, after))
        .containsExactly(
            "processor type 'guard' is forbidden",
            "processor type 'renderer' is protected",
            "parameter 'searched.limit' may not be changed");
    assertThat(breaches(lines, BEFORE)).isEmpty();
  }

  @Test
  void seesOneMoreOfATypeThatIsThereAlready() {
    HarnessConfig before = PLAIN.withProcessors(List.of(code("one", "return null")));
    HarnessConfig after =
        PLAIN.withProcessors(List.of(code("one", "return null"), code("two", "return null")));
    HarnessConfig turned = PLAIN.withProcessors(List.of(code("one", "return event")));

    assertThat(builtIn("forbidden_types: [javascript]", before, after))
        .containsExactly("processor type 'javascript' is forbidden");
    assertThat(builtIn("forbidden_parameters: [javascript.code]", before, turned))
        .containsExactly("parameter 'javascript.code' may not be changed");
    assertThat(builtIn("forbidden_types: [javascript]", before, turned)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // forbidden, allowed before, allowed after, breached
    "write_file, read_file, write_file, true",
    "write_file, read_file, write*, true",
    "write_file, read_file, *, true",
    "write_file, *, write_file, false",
    "browser__*, read_file, browser__open, true",
    "browser__*, browser__*, browser__open, false",
    "browser__*, browser__open, browser__*, true",
    "browser__*, read_file, write_file, false",
  })
  void findsToolsThatTheModelIsGiven(
      String forbidden, String before, String after, boolean breached) {
    List<String> found =
        builtIn("forbidden_tools: ['%s']".formatted(forbidden), allowing(before), allowing(after));

    assertThat(found)
        .isEqualTo(
            breached ? List.of("tool '%s' is forbidden".formatted(forbidden)) : List.<String>of());
  }

  @Test
  void findsHostsThatTextsComeToName() {
    HarnessConfig after =
        PLAIN.withProcessors(
            List.of(code("call", "fetch('https://api.example.com/x'); fetch('http://other.org')")));

    assertThat(builtIn("forbidden_hosts: ['*']", PLAIN, after))
        .containsExactly("host 'api.example.com' is forbidden", "host 'other.org' is forbidden");
    assertThat(builtIn("forbidden_hosts: [example.com]", PLAIN, after))
        .containsExactly("host 'api.example.com' is forbidden");
    assertThat(builtIn("forbidden_hosts: ['*']", after, after)).isEmpty();
  }

  @Test
  void keepsSlotsEventsAndDimensions() {
    HarnessConfig shared =
        PLAIN.withSlots(
            new Slots(
                Slots.DEFAULT.tools(),
                Slots.WorkspaceMode.SHARED,
                Slots.Sandbox.WORKER,
                List.of(),
                "",
                "/data"));
    HarnessConfig judged =
        PLAIN.apply(new HarnessEdit.Insert(ProcessorSpec.of("model_judge")), BUILT_IN);
    HarnessConfig retrying =
        PLAIN.apply(new HarnessEdit.Insert(ProcessorSpec.of("parse_retry")), BUILT_IN);

    assertThat(builtIn("protected_slots: [workspace]", PLAIN, shared))
        .containsExactly("slot 'workspace' may not be changed");
    assertThat(builtIn("protected_dimensions: [evaluation_and_reward]", PLAIN, judged))
        .containsExactly(
            "processors of the dimension 'evaluation_and_reward' may not be changed: model_judge");
    assertThat(builtIn("protected_events: [after_model]", PLAIN, retrying))
        .containsExactly("processors at 'after_model' may not be changed: parse_retry");
    assertThat(builtIn("protected_events: [task_end]", PLAIN, retrying)).isEmpty();
  }

  @Test
  void boundsNumbersEvenWhereTheyAreNotWritten() {
    HarnessConfig retrying =
        PLAIN.apply(new HarnessEdit.Insert(ProcessorSpec.of("parse_retry")), BUILT_IN);
    HarnessConfig longer =
        PLAIN.apply(new HarnessEdit.Configure("history_window", "turns", 9), BUILT_IN);

    assertThat(builtIn("budgets: {parse_retry.attempts: 1}", PLAIN, retrying))
        .singleElement()
        .asString()
        .startsWith("parameter 'parse_retry.attempts' may be at most 1, was ");
    assertThat(builtIn("budgets: {history_window.turns: 8}", PLAIN, longer))
        .containsExactly("parameter 'history_window.turns' may be at most 8, was 9");
    assertThat(builtIn("budgets: {history_window.turns: 9}", PLAIN, longer)).isEmpty();
  }

  @Test
  void refusesMisspeltKeysAndParameters() {
    assertThatThrownBy(() -> RedLines.parse("forbiden_types: [guard]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("forbiden_types");
    assertThatThrownBy(() -> RedLines.parse("forbidden_parameters: [limit]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("type.parameter");
    assertThatThrownBy(() -> RedLines.parse("protected_events: [task_ends]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("protected_events has 'task_ends'")
        .hasMessageContaining("did you mean 'task_end'?");
  }

  @Test
  void namesLinesThatWouldProtectNothing() {
    RedLines lines =
        RedLines.parse(
            """
            forbidden_types: [gard]
            forbidden_parameters: [searched.limits]
            budgets: {searched.show: 3}
            """);

    assertThat(lines.problems(TestRegistry.REGISTRY))
        .containsExactly(
            "forbidden_types: there is no processor type 'gard': did you mean 'guard'?",
            "forbidden_parameters: processor type 'searched' has no parameter 'limits': did you"
                + " mean 'limit'?",
            "budgets: parameter 'searched.show' is no number");
  }
}
