package dev.tandem.trainer;

import dev.tandem.aegis.author.LlmMetaAgent;
import dev.tandem.aegis.author.Offer;
import dev.tandem.aegis.evolve.FamilyWordings;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.aegis.evolve.MetaAgents;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.StoredReplies;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Who proposes levers beyond those of the metadata, as a recipe says. */
final class LeverAuthors {
  private LeverAuthors() {}

  /**
   * Everybody whom the recipe names; nobody, in most.
   *
   * @param author the language model, where there is one
   * @param notes takes what is worth a line
   */
  static MetaAgent of(
      RunConfig config,
      EnvironmentFamily family,
      Outfit outfit,
      Optional<Equipment.Author> author,
      Path run,
      Consumer<String> notes) {
    MetaAgentSettings settings = config.aegis().metaAgent();
    List<MetaAgent> agents = new ArrayList<>();
    if (settings.wordings()) {
      agents.add(new FamilyWordings(family.wordings(), outfit.registry()));
    }
    author.ifPresent(
        one ->
            agents.add(
                new LlmMetaAgent(
                    one.model(),
                    one.name(),
                    new Offer(
                        outfit.registry(),
                        outfit.met(),
                        words(family, outfit),
                        settings.code()
                            ? Optional.of(CodeTryout.of(config, family, outfit))
                            : Optional.empty()),
                    config.aegis().redLines(),
                    settings,
                    new StoredReplies(run, notes))));
    return agents.isEmpty() ? MetaAgent.SYMBOLIC : new MetaAgents(agents);
  }

  /** The words of a model whose vocabulary was made to measure; none where it reads any. */
  static SortedSet<String> words(EnvironmentFamily family, Outfit outfit) {
    SortedSet<String> words = new TreeSet<>();
    if (!outfit.met().contains(Requirement.OPEN_VOCABULARY)) {
      words.addAll(family.vocabulary());
      words.addAll(outfit.registry().vocabulary());
    }
    return words;
  }
}
