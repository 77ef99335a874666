package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.tool.ToolUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ToolCallTextTest {

  @Test
  void readsEveryTaggedCallAndKeepsWhatIsSaidBesides() {
    ToolCallText.Response response =
        ToolCallText.parse(
            """
            Let me look.
            <tool_call>
            {"name": "read", "arguments": {"path": "a.txt", "lines": {"from": 1}}}
            </tool_call>
            <tool_call>
            {"name": "list", "arguments": {}}
            </tool_call>\
            """);
    assertThat(response.content()).isEqualTo("Let me look.");
    assertThat(response.toolUses())
        .containsExactly(
            new ToolUse("call_1", "read", "{\"path\":\"a.txt\",\"lines\":{\"from\":1}}"),
            new ToolUse("call_2", "list", "{}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"list\", \"parameters\": {\"of\": 2}}",
        "<|python_tag|>{\"name\": \"list\", \"parameters\": {\"of\": 2}}"
      })
  void readsACallThatIsTheWholeResponse(String text) {
    ToolCallText.Response response = ToolCallText.parse(text);
    assertThat(response.content()).isEmpty();
    assertThat(response.toolUses()).containsExactly(new ToolUse("call_1", "list", "{\"of\":2}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "open the door",
        "",
        "{\"name\": \"list\"}",
        "{\"name\": 3, \"parameters\": {}}",
        "<tool_call>{\"name\": \"list\", \"arguments\": [1]}</tool_call>",
        "<tool_call>{\"name\": \"list\", </tool_call>",
        "<tool_call>{\"name\": \"list\", \"arguments\": {}}"
      })
  void whatIsNoCallStaysText(String text) {
    assertThat(ToolCallText.parse(text))
        .isEqualTo(new ToolCallText.Response(text, java.util.List.of()));
  }
}
