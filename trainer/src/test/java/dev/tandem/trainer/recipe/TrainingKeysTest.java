package dev.tandem.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.model.learn.LearningRateSchedule;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a recipe may say about training. */
final class TrainingKeysTest {

  @TempDir private Path folder;

  private RunConfig load(String recipe) throws IOException {
    Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
    return ConfigLoader.load(file, List.of(), RunConfig.DEFAULTS, RunConfig.class);
  }

  @Test
  void trainsAllWeightsInSinglePrecisionAtAConstantRateUnlessToldOtherwise() throws IOException {
    RunConfig config = load("seed: 2");
    assertThat(config.model().precision()).isEqualTo(Precision.FLOAT32);
    assertThat(config.model().lora().settings()).isEmpty();
    assertThat(config.optimiser().recomputeLayers()).isFalse();
    assertThat(config.optimiser().learningRates(20))
        .isEqualTo(new LearningRateSchedule.Constant(2e-4, 0));
  }

  @Test
  void readsEveryKeyAndWritesItBack() throws IOException {
    RunConfig config =
        load(
            """
            rounds: 10
            model:
              precision: bfloat16
              lora:
                rank: 8
                alpha: 32
                targets: [q_proj, v_proj]
            optimiser:
              schedule: cosine
              warm_up_rounds: 1
              microbatch_tokens: 8192
              recompute_layers: true
              packing: false
            """);
    assertThat(config.model().precision()).isEqualTo(Precision.BFLOAT16);
    assertThat(config.model().lora().settings())
        .contains(LoraSettings.of(8, 32, List.of("q_proj", "v_proj")));
    assertThat(config.optimiser().learningRates(10))
        .isEqualTo(new LearningRateSchedule.Cosine(2e-4, 4, 40));
    assertThat(config.optimiser().microbatchTokens()).isEqualTo(8192);
    assertThat(config.optimiser().recomputeLayers()).isTrue();
    assertThat(config.optimiser().packing()).isFalse();
    assertThat(load(ConfigLoader.effective(config))).isEqualTo(config);
    assertThat(ConfigLoader.effective(config))
        .contains("precision: bfloat16", "rank: 8", "- q_proj", "- v_proj", "schedule: cosine")
        .contains("microbatch_tokens: 8192", "recompute_layers: true", "packing: false");
  }

  /** Where nothing learns there is nothing to lag behind, so that modes can be compared. */
  @ParameterizedTest
  @CsvSource({"coevolve, 1", "model, 1", "harness, 0", "static, 0"})
  void theLagIsThatOfAModelThatLearns(String mode, int rounds) throws IOException {
    RunConfig config = load("{mode: %s, rollout: {lag: 1}}".formatted(mode));
    assertThat(config.lag()).isEqualTo(new Lag(rounds));
    assertThat(load(ConfigLoader.effective(config))).isEqualTo(config);
  }

  @Test
  void theLagSaysWhichWeightsPlay() {
    assertThat(IntStream.rangeClosed(1, 4).map(Lag.NONE::weights)).containsExactly(0, 1, 2, 3);
    assertThat(IntStream.rangeClosed(1, 4).map(new Lag(1)::weights)).containsExactly(0, 0, 1, 2);
    assertThat(IntStream.rangeClosed(1, 4).map(round -> new Lag(1).staleness(round, round)))
        .containsExactly(0, 1, 1, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model: {lora: {rank: 8, targets: [q_prj]}} | model.lora.targets[0] must be one of q_proj,",
        "model: {lora: {rank: -1}} | rank must be at least 0, was -1",
        "model: {lora: {rank: 8, targets: []}} | targets must name a projection",
        "model: {lora: {rank: 8, dropout: 0.1}} | unknown key model.lora.dropout",
        "model: {precision: float64} | train in float32 or bfloat16",
        "optimiser: {schedule: linear} | optimiser.schedule must be one of constant, cosine",
        "rollout: {lag: 2} | lag must be 0, for rollouts that wait for the training before them, or"
            + " 1, for rollouts beside it; was 2",
        "rollout: {lag: -1} | or 1, for rollouts beside it; was -1",
        "{rollout: {lag: 1}, checkpoints: {keep_last: 1}} | rollout.lag of 1 plays a round with the"
            + " weights of the last checkpoint but one, and checkpoints.keep_last of 1 drops that:"
            + " set keep_last to 2 or more, or lag to 0",
        "{rollout: {lag: 1}, models: {judge: {providers: [decoder]}}} | models judge is answered by"
            + " the model that acts, which with rollout.lag of 1 learns while it is asked: name a"
            + " checkpoint for its decoder, or set lag to 0",
        "optimiser: {microbatch_tokens: 0} | microbatch_tokens must be at least 1, was 0"
      })
  void refusesWhatItWouldTrainWrongly(String recipe, String problem) {
    assertThatThrownBy(() -> load(recipe))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(problem);
  }
}
