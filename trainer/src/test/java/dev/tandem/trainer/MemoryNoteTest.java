package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.doctor.NamedShapes;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RunConfig;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class MemoryNoteTest {
  private static final Execution EXECUTION = Execution.cpu(2).withPrecision(Precision.BFLOAT16);
  private static final ModelSpec LARGE = NamedShapes.of("qwen2.5-0.5b");

  @Test
  void saysWhatTrainingTakesByPart() {
    assertThat(MemoryNote.of(RunConfig.DEFAULTS, LARGE, EXECUTION).orElseThrow())
        .contains("weights 1.0, masters 2.0, gradients 2.0, moments 4.0, activations ")
        .contains("and while sampling 13 MB more for every sequence of 1,000 tokens at once");
  }

  @Test
  void countsTheWeightsThatPlayWhileOthersLearn() throws IOException {
    assertThat(MemoryNote.of(TinyRun.with("rollout.lag=1"), LARGE, EXECUTION).orElseThrow())
        .contains(", snapshot 1.0, key and value cache 0.0, ");
    assertThat(MemoryNote.of(TinyRun.with("rollout.lag=0"), LARGE, EXECUTION).orElseThrow())
        .doesNotContain("snapshot");
  }

  @Test
  void saysNothingOfMomentsWhereNothingIsTrained() {
    RunConfig config = RunConfig.DEFAULTS.inMode(Mode.HARNESS);
    assertThat(MemoryNote.of(config, LARGE, EXECUTION).orElseThrow())
        .contains("weights 1.0, ", "head 0.5")
        .doesNotContain("moments", "masters", "gradients");
  }

  @Test
  void isSilentOnSmallModels() {
    assertThat(
            MemoryNote.of(
                RunConfig.DEFAULTS, RunConfig.DEFAULTS.model().withVocabulary(250), EXECUTION))
        .isEmpty();
  }
}
