package dev.tandem.aegis.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a search may try: only what has all it needs, and whatever is there already. */
final class EditSpaceTest {
  private static final HarnessConfig BARE = HarnessConfig.of(ProcessorSpec.of("system_prompt"));

  private static List<HarnessEdit> edits(HarnessConfig incumbent, Requirement... met) {
    return new EditSpace(ProcessorRegistry.builtIn(), RedLines.NONE, Set.of(met))
        .options(incumbent).stream().map(EditSpace.Option::edit).toList();
  }

  private static Set<String> inserted(List<HarnessEdit> edits) {
    Set<String> types = new TreeSet<>();
    for (HarnessEdit edit : edits) {
      if (edit instanceof HarnessEdit.Insert insert) {
        types.add(insert.processor().type());
      }
    }
    return types;
  }

  @Test
  void processorsThatNeedWhatIsNotThereAreNotOffered() {
    assertThat(inserted(edits(BARE)))
        .contains("loop_guard", "history_window")
        .doesNotContain("schema_adapter", "user_wrapper", "javascript", "trace_log");
    assertThat(inserted(edits(BARE, Requirement.TOOLS, Requirement.OPEN_VOCABULARY)))
        .containsAll(inserted(edits(BARE)))
        .contains("schema_adapter", "user_wrapper", "compaction")
        .doesNotContain("javascript", "retrieval_memory", "model_judge");
  }

  @Test
  void aProcessorThatSomebodyPutInIsTurnedAndTakenOutLikeAnyOther() {
    ProcessorSpec code =
        ProcessorSpec.of(
            "javascript", Map.of("name", "mine", "hooks", List.of("step_end"), "code", "return;"));
    assertThat(edits(HarnessConfig.of(ProcessorSpec.of("compaction"), code)))
        .contains(
            new HarnessEdit.Configure("compaction", "keep", 8),
            new HarnessEdit.Remove("compaction"),
            new HarnessEdit.Configure("mine", "fail", "fail"),
            new HarnessEdit.Remove("mine"));
  }
}
