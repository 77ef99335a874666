package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.KeptJars;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.recipe.yaml.Difference;
import dev.tandem.trainer.run.GoingOn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The configuration in a run's folder. A run that goes on does so with the one that it began with,
 * but for the number of rounds, which may grow. Keys that came with a later build have their
 * defaults in it.
 */
final class RunClaim {
  private static final String ROUNDS = "rounds";

  private final Path folder;
  private final Path file;
  private final RunConfig now;

  /**
   * @param now the complete recipe
   */
  RunClaim(Path folder, RunConfig now) {
    this.folder = folder;
    this.file = folder.resolve(RunFiles.CONFIG);
    this.now = now;
  }

  /** Keeps the jars of a new run and writes its configuration, which makes the folder one. */
  void begin() throws IOException {
    KeptJars.of(folder).keep(now.plugins());
    AtomicFiles.write(file, ConfigLoader.effective(now));
  }

  /**
   * Checks that a run goes on as it began.
   *
   * @return what changes, if anything
   */
  Optional<GoingOn.Change> goOn() {
    requireSamePlugins();
    List<Difference> all = ConfigLoader.differences(Recipe.said(file), now);
    List<Difference> others = all.stream().filter(one -> !one.key().equals(ROUNDS)).toList();
    if (!others.isEmpty()) {
      throw changed(others);
    }
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Difference rounds = all.getFirst();
    requireGrowth(rounds);
    return Optional.of(
        new GoingOn.Change(
            ConfigLoader.effective(now),
            "the run now has %s rounds in the place of %s; the sealed evaluation in full after round %s stays a point of its curve"
                .formatted(rounds.is(), rounds.was(), rounds.was())));
  }

  private UserException changed(List<Difference> differences) {
    Difference first = differences.getFirst();
    int more = differences.size() - 1;
    return UserException.usage(
        "the run in %s began with %s: %s and the recipe now says %s%s: resume with the recipe it began with, or leave --resume off and name another --out"
            .formatted(
                folder,
                first.key(),
                first.was(),
                first.is(),
                more == 0 ? "" : " (%s)".formatted(others(differences, more))));
  }

  private static String others(List<Difference> differences, int more) {
    return more <= 3
        ? "and "
            + String.join(
                ", ",
                differences.subList(1, differences.size()).stream().map(Difference::key).toList())
        : "and %d more keys".formatted(more);
  }

  private void requireGrowth(Difference rounds) {
    if (!rounds.was().matches("\\d{1,9}") || Integer.parseInt(rounds.was()) > now.rounds()) {
      throw UserException.usage(
          "the run in %s has %s rounds and the recipe now says %s: rounds may grow when a run is resumed, not shrink"
              .formatted(folder, rounds.was(), rounds.is()));
    }
    if (now.learningRateEndsWithRounds()) {
      throw UserException.usage(
          "the run in %s has %s rounds, at whose end its learning rate is 0 (optimiser.schedule: cosine); with %s all rounds before would have been others: begin anew in another --out, with a constant schedule if it is to grow later"
              .formatted(folder, rounds.was(), rounds.is()));
    }
  }

  /** A resumed run must go on with the code that it began with. */
  private void requireSamePlugins() {
    for (PluginJar before : Recipe.plugins(file)) {
      for (PluginJar jar : now.plugins()) {
        if (jar.jar().equals(before.jar()) && !Objects.equals(jar.sha256(), before.sha256())) {
          throw UserException.usage(
              "the plugin %s has changed since the run in %s began, which kept the old one: resume with %s to go on with that, or leave --resume off and name another --out"
                  .formatted(jar.jar(), folder, file));
        }
      }
    }
  }
}
