package dev.tandem.benchmarks.house;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.policy.RoleTokenFormat;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.recipe.WarmStartSettings;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import dev.tandem.trainer.warmstart.ExpertLessons;
import dev.tandem.trainer.warmstart.WarmStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * House's default model, and a policy good enough to play: with random weights every episode would
 * run to its step limit on nonsense, which is no workload that training ever sees.
 */
public final class House {
  private static final long SEED = 1;
  private static final String POLICY = "policy";

  private House() {}

  /** Every word that House or a built-in processor may use. */
  private static List<String> words() {
    Set<String> words = new TreeSet<>(new HouseFamily().vocabulary());
    words.addAll(ProcessorRegistry.builtIn().vocabulary());
    return List.copyOf(words);
  }

  /** What harnesses of House may use. */
  static ProcessorRegistry registry() {
    return ProcessorRegistry.builtIn().with(new HouseFamily().processors());
  }

  /** Words and special tokens that the default model knows. */
  public static int vocabularySize() {
    return WordLevelTokenizer.of(RoleTokenFormat.SPECIAL_TOKENS, words()).vocabularySize();
  }

  /**
   * The policy kept in a folder, made and put there if it is not.
   *
   * @param expertEpisodes how much a new one learns from
   */
  static Policy policy(Path cache, int expertEpisodes, HarnessConfig harness) throws IOException {
    ModelSettings model = ModelSettings.DEFAULTS;
    Execution execution = Execution.cpu(Runtime.getRuntime().availableProcessors());
    Path kept = cache.resolve(POLICY);
    if (Files.exists(kept)) {
      return Policy.load(kept, model.responseTokens(), execution);
    }
    Policy policy = Policy.fresh(model, words(), model.responseTokens(), SEED, execution);
    warmUp(policy, expertEpisodes, harness);
    Path draft = Files.createTempDirectory(cache, POLICY);
    policy.save(draft);
    Files.move(draft, kept);
    return policy;
  }

  private static void warmUp(Policy policy, int episodes, HarnessConfig harness) {
    WarmStartSettings defaults = WarmStartSettings.DEFAULTS;
    WarmStartSettings settings =
        new WarmStartSettings(
            episodes,
            defaults.noise(),
            defaults.plainShare(),
            defaults.promptTokens(),
            defaults.passes(),
            defaults.batch(),
            defaults.optimiser(),
            defaults.learningRate(),
            defaults.weightDecay(),
            defaults.maxGradNorm());
    HouseFamily family = new HouseFamily();
    ExpertLessons lessons =
        new ExpertLessons(
            settings,
            SEED,
            family,
            family.tasks().tasks(Split.TRAIN, 0, episodes),
            harness,
            Outfit.of(registry()),
            policy.format());
    try (Optimiser optimiser =
        policy.decoder().newOptimiser(settings.optimiser().with(AdamWSettings.defaults()))) {
      new WarmStart(settings, SEED)
          .train(policy.decoder(), optimiser, lessons, WarmStart.Listener.NONE);
    }
  }
}
