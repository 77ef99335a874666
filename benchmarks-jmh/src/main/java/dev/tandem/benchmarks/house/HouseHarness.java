package dev.tandem.benchmarks.house;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;

/** How much the harness does around the model. */
public enum HouseHarness {
  /** What {@code configs/house.yaml} begins with. */
  BARE,

  /** With all the notes that evolution finds useful. */
  NOTES;

  HarnessConfig config() {
    List<ProcessorSpec> processors = new ArrayList<>();
    processors.add(ProcessorSpec.of("system_prompt"));
    processors.add(ProcessorSpec.of("house_view"));
    processors.add(ProcessorSpec.of("history_window").with("turns", 1));
    if (this == NOTES) {
      processors.add(ProcessorSpec.of("frontier_note"));
      processors.add(ProcessorSpec.of("sighting_note"));
      processors.add(ProcessorSpec.of("progress_note"));
    }
    return new HarnessConfig(processors);
  }
}
