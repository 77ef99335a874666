package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.recipe.Lag;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeepingTest {
  @TempDir private Path folder;

  /** Each round's successes of 100 at the gate; none where it played nothing. */
  private static List<String> gated(Integer... successes) {
    List<String> lines = new ArrayList<>(List.of("{\"round\":0,\"sealed\":{\"success\":1.0}}"));
    for (int i = 0; i < successes.length; i++) {
      lines.add(
          "{\"round\":%d,\"train_success\":0.9,\"episodes\":100%s,\"sealed\":{\"success\":0.99,\"episodes\":500}}"
              .formatted(
                  i + 1,
                  successes[i] < 0
                      ? ""
                      : ",\"gate\":{\"success\":%s,\"episodes\":100}"
                          .formatted(successes[i] / 100.0)));
    }
    return lines;
  }

  private static List<Integer> kept(Keeping keeping, List<String> metrics) {
    int newest = metrics.size() - 1;
    return IntStream.rangeClosed(0, newest)
        .filter(round -> keeping.keeps(round, newest, metrics))
        .boxed()
        .toList();
  }

  @Test
  void keepsTheFirstAndTheLast() {
    assertThat(kept(new Keeping(2, Optional.empty()), gated(9, 80, 7, 6, 5)))
        .containsExactly(0, 4, 5);
    assertThat(kept(new Keeping(1, Optional.empty()), gated(9, 8))).containsExactly(0, 2);
    assertThat(kept(new Keeping(9, Optional.empty()), gated(9, 8))).containsExactly(0, 1, 2);
  }

  /** The gate of round 3 measures what round 2 left. */
  @Test
  void keepsTheOneThatTheNextRoundsGateFoundBest() {
    Keeping keeping = new Keeping(1, Optional.of(Keeping.Evidence.GATE));
    assertThat(kept(keeping, gated(10, 30, 70, 70, -1, 20))).containsExactly(0, 2, 6);
    assertThat(kept(keeping, gated(10, 30, 70, 70, -1, 20, 71))).containsExactly(0, 6, 7);
    assertThat(kept(keeping, gated(-1, -1, -1))).containsExactly(0, 3);
  }

  @Test
  void aFewLuckyEpisodesDoNotWin() {
    List<String> metrics =
        List.of(
            "{\"round\":0}",
            "{\"round\":1,\"gate\":{\"success\":0.5,\"episodes\":10}}",
            "{\"round\":2,\"gate\":{\"success\":0.8,\"episodes\":400}}",
            "{\"round\":3,\"gate\":{\"success\":1.0,\"episodes\":2}}");
    assertThat(new Keeping(1, Optional.of(Keeping.Evidence.GATE)).best(metrics)).contains(1);
  }

  @Test
  void aModeWithoutAGateGoesByTrainEpisodesAndOneThatLearnsNothingByNone() {
    assertThat(Keeping.of(RunConfig.DEFAULTS).best()).contains(Keeping.Evidence.GATE);
    assertThat(Keeping.of(RunConfig.DEFAULTS.inMode(Mode.MODEL)).best())
        .contains(Keeping.Evidence.TRAIN);
    assertThat(Keeping.of(RunConfig.DEFAULTS.inMode(Mode.STATIC)).best()).isEmpty();
    List<String> metrics =
        List.of(
            "{\"round\":0}",
            "{\"round\":1,\"episodes\":64,\"train_success\":0.5}",
            "{\"round\":2,\"episodes\":64,\"train_success\":0.75}",
            "{\"round\":3,\"episodes\":64,\"train_success\":0.25}",
            "{\"round\":4,\"poisoned\":\"everything failed\"}");
    assertThat(new Keeping(1, Optional.of(Keeping.Evidence.TRAIN)).best(metrics)).contains(1);
  }

  /** With a lag, round 4's train episodes are those of the agent that round 2 left. */
  @Test
  void trainEpisodesOfARoundAreOfTheWeightsThatPlayedIt() {
    List<String> metrics =
        List.of(
            "{\"round\":0}",
            "{\"round\":1,\"episodes\":64,\"train_success\":0.5,\"gate\":{\"success\":0.5,\"episodes\":64}}",
            "{\"round\":2,\"episodes\":64,\"train_success\":0.5,\"gate\":{\"success\":0.5,\"episodes\":64}}",
            "{\"round\":3,\"episodes\":64,\"train_success\":0.25,\"gate\":{\"success\":0.5,\"episodes\":64}}",
            "{\"round\":4,\"episodes\":64,\"train_success\":0.75,\"gate\":{\"success\":0.75,\"episodes\":64}}");
    Lag lag = new Lag(1);
    assertThat(new Keeping(2, Optional.of(Keeping.Evidence.TRAIN), lag).best(metrics)).contains(2);
    assertThat(new Keeping(2, Optional.of(Keeping.Evidence.TRAIN), lag).best(metrics.subList(0, 4)))
        .contains(0);
    assertThat(new Keeping(2, Optional.of(Keeping.Evidence.GATE), lag).best(metrics)).contains(3);
  }

  @Test
  void aCheckpointThatIsGoneWasDroppedIfALaterOneIsThere() throws IOException {
    for (String round : List.of("round-0000", "round-0004", "round-0005")) {
      Files.createDirectories(folder.resolve("checkpoints").resolve(round));
    }
    assertThat(RunFolder.dropped(folder.resolve("checkpoints/round-0003")))
        .contains(
            "the checkpoint of round 3 was dropped, as checkpoints.keep_last says: %s still has rounds 0, 4, 5"
                .formatted(folder));
    assertThat(RunFolder.dropped(folder.resolve("checkpoints/round-0004"))).isEmpty();
    assertThat(RunFolder.dropped(folder.resolve("checkpoints/round-0006"))).isEmpty();
    assertThat(RunFolder.dropped(folder.resolve("elsewhere"))).isEmpty();
  }
}
