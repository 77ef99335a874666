package dev.tandem.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HarnessEditTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final ProcessorSpec PROMPT = ProcessorSpec.of("system_prompt");
  private static final ProcessorSpec FRONTIER =
      ProcessorSpec.of("repetition_guard", Map.of("by", "name"));
  private static final ProcessorSpec GUARD = ProcessorSpec.of("loop_guard");
  private static final HarnessConfig HARNESS = HarnessConfig.of(PROMPT, FRONTIER, GUARD);

  @Test
  void insertAddsAtTheEnd() {
    ProcessorSpec retry = ProcessorSpec.of("parse_retry");

    assertThat(HARNESS.apply(new HarnessEdit.Insert(retry), REGISTRY).processors())
        .containsExactly(PROMPT, FRONTIER, GUARD, retry);
  }

  @Test
  void insertIntoATakenGroupIsRefused() {
    assertThatThrownBy(() -> HARNESS.apply(new HarnessEdit.Insert(GUARD), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("singleton group 'loop_guard'");
  }

  @Test
  void removeTakesOneOut() {
    assertThat(HARNESS.apply(new HarnessEdit.Remove("repetition_guard"), REGISTRY).processors())
        .containsExactly(PROMPT, GUARD);
  }

  @Test
  void removingWhatIsNotThereIsRefused() {
    assertThatThrownBy(() -> HARNESS.apply(new HarnessEdit.Remove("loop_gard"), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessage("the harness has no processor 'loop_gard': did you mean 'loop_guard'?");
  }

  @Test
  void replaceKeepsTheRestIdentical() {
    ProcessorSpec other = ProcessorSpec.of("repetition_guard", Map.of("times", 3));

    assertThat(HARNESS.apply(new HarnessEdit.Replace(other), REGISTRY).processors())
        .containsExactly(PROMPT, other, GUARD);
  }

  @Test
  void replaceFindsTheHolderOfTheGroupWhateverItsType() {
    ProcessorType guard = ProcessorRegistry.builtIn().type("loop_guard");
    ProcessorType rival =
        new ProcessorType(
            "rival",
            "Holds the same group.",
            guard.group(),
            guard.dimension(),
            guard.hooks(),
            guard.order(),
            List.of(),
            guard.addresses(),
            List.of(),
            _ -> _ -> Outcome.PASS);
    ProcessorSpec spec = ProcessorSpec.of("rival");

    assertThat(
            HARNESS
                .apply(new HarnessEdit.Replace(spec), ProcessorRegistry.builtIn().with(rival))
                .processors())
        .containsExactly(PROMPT, FRONTIER, spec);
  }

  @Test
  void replacingInAFreeGroupIsRefused() {
    assertThatThrownBy(
            () ->
                HARNESS.apply(
                    new HarnessEdit.Replace(ProcessorSpec.of("history_window")), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("insert one instead");
  }

  @Test
  void configureSetsOneParameter() {
    assertThat(
            HARNESS
                .apply(new HarnessEdit.Configure("repetition_guard", "times", 7), REGISTRY)
                .processors())
        .containsExactly(
            PROMPT, ProcessorSpec.of("repetition_guard", Map.of("by", "name", "times", 7)), GUARD);
  }

  @Test
  void configuringOutOfRangeNamesValueParameterAndRange() {
    assertThatThrownBy(
            () ->
                HARNESS.apply(
                    new HarnessEdit.Configure("repetition_guard", "times", 101), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessage("'repetition_guard': times must be a whole number from 1 to 50, was 101");
    assertThatThrownBy(
            () ->
                HARNESS.apply(new HarnessEdit.Configure("loop_guard", "action", "stop"), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessage("'loop_guard': action must be one of [retry, notice], was 'stop'");
  }

  static List<HarnessEdit> edits() {
    return List.of(
        new HarnessEdit.Insert(FRONTIER),
        new HarnessEdit.Remove("loop_guard"),
        new HarnessEdit.Replace(ProcessorSpec.of("history_window", Map.of("turns", 0))),
        new HarnessEdit.Configure("observation_renderer", "form", "json"),
        new HarnessEdit.Configure("system_prompt", "template", "say \"é\" .\n"));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void editsSurviveJson(HarnessEdit edit) {
    String json = HarnessEdits.toJson(edit);

    assertThat(HarnessEdits.fromJson(json)).isEqualTo(edit);
    assertThat(json).doesNotContain("\n");
  }

  @Test
  void editsReadAsOneLine() {
    assertThat(edits().stream().map(HarnessEdit::describe))
        .containsExactly(
            "insert repetition_guard(by=name)",
            "remove loop_guard",
            "replace with history_window(turns=0)",
            "configure observation_renderer: form = json",
            "configure system_prompt: template = \"say \\\"\\u00e9\\\" .\\n\"");
  }

  @Test
  void whatIsNoEditIsRefused() {
    assertThatThrownBy(() -> HarnessEdits.fromJson("{\"edit\":\"replac\"}"))
        .isInstanceOf(HarnessException.class)
        .hasMessage("unknown kind of edit 'replac': did you mean 'replace'?");
    assertThatThrownBy(() -> HarnessEdits.fromJson("{\"edit\":\"remove\"}"))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("needs 'type'");
    assertThatThrownBy(() -> HarnessEdits.fromJson("{"))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("must be a JSON object");
  }
}
