package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.GoingOn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that a build began which did not know all keys. */
final class RunClaimTest {
  @TempDir private Path folder;

  /** A run's configuration without a key that came later. */
  private void begunWithout(String key) throws IOException {
    String all = ConfigLoader.effective(RunConfig.DEFAULTS);
    String fewer = all.replaceFirst("(?m)^ *" + key + ":.*\n(?:^ *- .*\n)*", "");
    assertThat(fewer).isNotEqualTo(all).doesNotContain(key + ":");
    Files.writeString(folder.resolve("config.yaml"), fewer);
  }

  private static RunConfig saying(Path recipe, String... sets) throws IOException {
    return ConfigLoader.load(
        Files.writeString(recipe, "seed: 1\n"), List.of(sets), RunConfig.DEFAULTS, RunConfig.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep_best", "replay_rounds", "early_stop", "plugins"})
  void aKeyThatCameLaterHasItsDefault(String key) throws IOException {
    begunWithout(key);
    Path own = folder.resolve("config.yaml");
    RunConfig configuration =
        ConfigLoader.load(own, List.of(), RunConfig.DEFAULTS, RunConfig.class);
    assertThat(new RunClaim(folder, configuration).goOn()).isEmpty();
    assertThat(new RunClaim(folder, RunConfig.DEFAULTS).goOn()).isEmpty();
    assertThat(new RunClaim(folder, saying(folder.resolve("recipe.yaml"), "rounds=30")).goOn())
        .map(GoingOn.Change::sentence)
        .hasValueSatisfying(
            said -> assertThat(said).startsWith("the run now has 30 rounds in the place of 20;"));
  }

  @Test
  void aKeyThatCameLaterMayNotBeChanged() throws IOException {
    begunWithout("replay_rounds");
    RunClaim claim =
        new RunClaim(folder, saying(folder.resolve("recipe.yaml"), "rollout.replay_rounds=2"));
    assertThatThrownBy(claim::goOn)
        .hasMessage(
            "the run in %s began with rollout.replay_rounds: 1 and the recipe now says 2: resume with the recipe it began with, or leave --resume off and name another --out"
                .formatted(folder));
  }
}
