package dev.tandem.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HarnessConfigTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final String YAML =
      """
      processors:
        - type: system_prompt
          template: "goal : {goal} ."
        - type: observation_renderer
          form: json
        - type: repetition_guard
          by: exact
          times: 10
        - type: loop_guard
      """;

  @Test
  void yamlRoundTripGivesIdenticalBytes() {
    assertThat(HarnessConfig.parse(YAML, "test", REGISTRY).toYaml()).isEqualTo(YAML);
  }

  @Test
  void emptyHarnessRoundTrips() {
    HarnessConfig empty = HarnessConfig.of();

    assertThat(HarnessConfig.parse(empty.toYaml(), "test", REGISTRY)).isEqualTo(empty);
  }

  @Test
  void awkwardTextRoundTripsThroughYamlAndJson() {
    for (String text :
        List.of(
            "", " ", "true", "no", "5", "a: b # c", "- x", "\"q\" \\ \n\t\u007f\u0085é😀", "~")) {
      HarnessConfig config =
          HarnessConfig.of(ProcessorSpec.of("system_prompt", Map.of("template", text)));

      assertThat(HarnessConfig.parse(config.toYaml(), "test", REGISTRY)).isEqualTo(config);
      assertThat(HarnessConfig.parse(config.canonicalJson(REGISTRY), "test", REGISTRY))
          .isEqualTo(config);
    }
  }

  @Test
  void canonicalJsonHasSortedKeysAndDefaults() {
    HarnessConfig config = HarnessConfig.of(ProcessorSpec.of("loop_guard", Map.of("repeats", 2)));

    assertThat(config.canonicalJson(REGISTRY))
        .isEqualTo(
            "{\"processors\":[{\"action\":\"retry\",\"repeats\":2,\"type\":\"loop_guard\"}]}");
  }

  @Test
  void hashIsTheSha256OfTheCanonicalJson() {
    // printf '{"processors":[]}' | sha256sum
    assertThat(HarnessConfig.of().hash(REGISTRY))
        .isEqualTo("80732fe8d264c25bcb13bdb27cec96f0080600d6ac1c92b90d5fefea8332e151");
  }

  @Test
  void listingADefaultExplicitlyKeepsTheHash() {
    HarnessConfig omitted = HarnessConfig.of(ProcessorSpec.of("history_window"));
    HarnessConfig explicit =
        HarnessConfig.of(ProcessorSpec.of("history_window", Map.of("turns", 4)));

    assertThat(explicit.hash(REGISTRY)).isEqualTo(omitted.hash(REGISTRY));
    assertThat(HarnessConfig.diff(omitted, explicit, REGISTRY)).isEmpty();
  }

  @Test
  void parameterChangeAltersTheHashAndShowsInTheDiff() {
    HarnessConfig before = HarnessConfig.of(ProcessorSpec.of("history_window"));
    HarnessConfig after =
        before.apply(new HarnessEdit.Configure("history_window", "turns", 5), REGISTRY);

    assertThat(after.hash(REGISTRY)).isNotEqualTo(before.hash(REGISTRY));
    assertThat(HarnessConfig.diff(before, after, REGISTRY))
        .containsExactly("history_window: turns from 4 to 5");
  }

  @Test
  void orderAltersTheHashAndShowsInTheDiff() {
    ProcessorSpec window = ProcessorSpec.of("history_window");
    ProcessorSpec compaction = ProcessorSpec.of("compaction");
    HarnessConfig before = HarnessConfig.of(window, compaction);
    HarnessConfig after = HarnessConfig.of(compaction, window);

    assertThat(after.hash(REGISTRY)).isNotEqualTo(before.hash(REGISTRY));
    assertThat(HarnessConfig.diff(before, after, REGISTRY))
        .containsExactly("moved history_window from position 1 to 2");
  }

  @Test
  void orderAcrossDisjointHooksIsNoBehaviour() {
    ProcessorSpec prompt = ProcessorSpec.of("system_prompt");
    ProcessorSpec window = ProcessorSpec.of("history_window");
    ProcessorSpec retry = ProcessorSpec.of("parse_retry");
    HarnessConfig before = HarnessConfig.of(prompt, window, retry);
    for (HarnessConfig after :
        List.of(HarnessConfig.of(window, prompt, retry), HarnessConfig.of(retry, window, prompt))) {
      assertThat(after.hash(REGISTRY)).isEqualTo(before.hash(REGISTRY));
      assertThat(HarnessConfig.diff(before, after, REGISTRY)).isEmpty();
    }
  }

  @Test
  void diffNamesWhatWasAddedAndRemoved() {
    HarnessConfig before = HarnessConfig.of(ProcessorSpec.of("loop_guard"));
    HarnessConfig after = HarnessConfig.of(ProcessorSpec.of("parse_retry"));

    assertThat(HarnessConfig.diff(before, after, REGISTRY))
        .containsExactly(
            "removed loop_guard(action=retry, repeats=1)",
            "added parse_retry(attempts=2) at position 1");
  }

  @Test
  void unknownTypeFailsWithLineAndSuggestion() {
    assertThat(
            problems(
                () ->
                    HarnessConfig.parse(
                        "processors:\n  - type: loop_guard\n  - type: repetition_gard\n",
                        "h.yaml",
                        REGISTRY)))
        .containsExactly(
            "h.yaml:3: unknown processor type 'repetition_gard': did you mean 'repetition_guard'?");
  }

  @Test
  void everythingWrongWithAFileIsReportedAtOnceWithItsLines() {
    String text =
        """
        processors:
          - type: repetition_guard
            actoin: both
            times: 99
          - type: history_window
            turns: "4"
          - type: repetition_guard
        tools: []
        """;

    assertThat(problems(() -> HarnessConfig.parse(text, "h.yaml", REGISTRY)))
        .containsExactlyInAnyOrder(
            "h.yaml:8: unknown key 'tools': known are [contract, description, processors, slots]",
            "h.yaml:3: unknown parameter 'actoin' of 'repetition_guard': did you mean 'action'?",
            "h.yaml:4: 'repetition_guard': times must be a whole number from 1 to 50, was 99",
            "h.yaml:6: 'history_window': turns must be a whole number from 0 to 50, was '4'",
            "h.yaml:7: processors 'repetition_guard' and 'repetition_guard' are both of the"
                + " singleton group 'repetition_guard': remove one");
  }

  @Test
  void brokenSyntaxIsOneMistakeWhereItIs() {
    assertThat(problems(() -> HarnessConfig.parse("contrakt: 1\na: b: c\n", "h.yaml", REGISTRY)))
        .containsExactly("h.yaml:2: mapping values are not allowed here");
    assertThat(
            problems(
                () ->
                    HarnessConfig.parse(
                        "processors:\n  - type: [unclosed\n  - type: loop_guard\n",
                        "h.yaml",
                        REGISTRY)))
        .singleElement()
        .asString()
        .startsWith("h.yaml:3: expected ',' or ']'");
  }

  @Test
  void brokenSyntaxAndDuplicateKeysFailWithTheirLine() {
    assertThat(
            problems(
                () -> HarnessConfig.parse("processors:\n  - type: \"loop", "h.yaml", REGISTRY)))
        .singleElement()
        .asString()
        .startsWith("h.yaml:2: ");
    assertThat(
            problems(
                () ->
                    HarnessConfig.parse(
                        "processors:\n  - type: loop_guard\n    repeats: 1\n    repeats: 2\n",
                        "h.yaml",
                        REGISTRY)))
        .singleElement()
        .asString()
        .startsWith("h.yaml:4: ")
        .contains("repeats");
    assertThat(problems(() -> HarnessConfig.parse("", "h.yaml", REGISTRY)))
        .containsExactly("h.yaml:1: a harness must be an object with the key 'processors'");
  }

  @Test
  void readsJsonWithTabs() {
    String json = "{\n\t\"processors\": [\n\t\t{\"type\": \"loop_guard\", \"repeats\": 3}]\n}";

    assertThat(HarnessConfig.parse(json, "h.json", REGISTRY))
        .isEqualTo(HarnessConfig.of(ProcessorSpec.of("loop_guard", Map.of("repeats", 3))));
  }

  private static List<String> problems(ThrowingCallable code) {
    return catchThrowableOfType(HarnessException.class, code).problems();
  }
}
