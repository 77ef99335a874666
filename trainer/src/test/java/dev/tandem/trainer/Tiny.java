package dev.tandem.trainer;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.ModelSettings;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.WordLevelTokenizer;
import java.util.List;
import java.util.TreeSet;

/** The smallest agents that still are agents. */
public final class Tiny {
  /** One layer of width 32. */
  public static final ModelSettings MODEL = new ModelSettings("", 1, 32, 2, 1, 16, 64, 256, 10);

  public static final Execution EXECUTION = Execution.cpu(2);

  /** What harnesses of House may use. */
  public static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.builtIn().with(new HouseFamily().processors());

  private Tiny() {}

  /** A fresh model that knows House's words. */
  public static Policy policy(long seed) {
    return policy(MODEL, seed);
  }

  /** A fresh model of another shape that knows House's words. */
  public static Policy policy(ModelSettings shape, long seed) {
    TreeSet<String> words = new TreeSet<>(new HouseFamily().vocabulary());
    words.addAll(REGISTRY.vocabulary());
    return Policy.fresh(shape, List.copyOf(words), shape.responseTokens(), seed, EXECUTION);
  }

  /** AdamW without weight decay. */
  public static Optimiser optimiser(Policy policy) {
    return policy.decoder().newOptimiser(new AdamWSettings(0.9, 0.95, 1e-8, 0));
  }

  public static TextTokenizer tokenizer(List<String> specialTokens, String... words) {
    return WordLevelTokenizer.of(specialTokens, List.of(words));
  }

  /** The goal, what is here, and the last exchange. */
  public static HarnessConfig harness() {
    return HarnessConfig.of(
        ProcessorSpec.of("system_prompt"),
        ProcessorSpec.of("house_view"),
        ProcessorSpec.of("history_window").with("turns", 1));
  }
}
