package dev.tandem.harness;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A world with a tool that adds to a counter; what is said without a tool is the final answer. */
public final class CounterWorld implements World {
  public static final ToolSpec ADD =
      new ToolSpec(
          "add",
          "Adds to the counter.",
          """
          {"type": "object", "properties": {"amount": {"type": "integer", "minimum": 1}},
           "required": ["amount"], "additionalProperties": false}
          """);

  public final List<String> said = new ArrayList<>();
  public int count;
  private boolean answered;

  public static ToolUse add(String id, int amount) {
    return new ToolUse(id, "add", "{\"amount\": %d}".formatted(amount));
  }

  @Override
  public List<ToolSpec> tools() {
    return List.of(ADD);
  }

  @Override
  public Observation reset() {
    return observation("count to 5");
  }

  @Override
  public Observation act(String command) {
    said.add(command);
    answered = true;
    return observation("thank you");
  }

  @Override
  public Observation use(ToolUse use) {
    count += Integer.parseInt(use.input().replaceAll("\\D", ""));
    return observation("now " + count);
  }

  @Override
  public boolean isFinished() {
    return answered;
  }

  @Override
  public String stateHash() {
    return Integer.toString(count);
  }

  private static Observation observation(String feedback) {
    return new Observation(
        "count", feedback, true, Optional.empty(), List.of(), List.of(), List.of());
  }
}
