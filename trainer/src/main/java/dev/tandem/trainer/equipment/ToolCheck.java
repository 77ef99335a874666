package dev.tandem.trainer.equipment;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.processor.evaluation.CompletionCheck;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Identified;
import java.util.List;
import java.util.Optional;

/** A tool, such as one that runs tests, as the agent's means of checking its work. */
record ToolCheck(Tool tool) implements CompletionCheck, Identified {
  @Override
  public String contentHash() {
    return ContentHash.of(List.of(tool.spec().name(), tool.version()));
  }

  @Override
  public Optional<String> missing(Observation observation, String answer) {
    ToolOutput output = tool.handler().call("{}");
    return output.error() ? Optional.of(output.text()) : Optional.empty();
  }
}
