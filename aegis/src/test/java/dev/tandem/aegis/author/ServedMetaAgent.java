package dev.tandem.aegis.author;

import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelConfig;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.model.Price;
import dev.tandem.harness.model.RetryPolicy;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.rollout.server.OpenAiModels;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.testkit.ScriptedServer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A language model behind a scripted server, asked as a recipe's models are, but without waits. */
public record ServedMetaAgent(ModelProvider provider, LlmMetaAgent agent) implements AutoCloseable {
  public static final MetaAgentSettings SETTINGS =
      new MetaAgentSettings(false, false, 6, 2, 50_000, 500_000, null, null);

  /** One that waits for an answer as long as a busy machine may take. */
  public static ServedMetaAgent of(
      ScriptedServer server,
      ProcessorRegistry registry,
      MetaAgentSettings settings,
      Set<String> words,
      Replies replies) {
    return of(server, registry, settings, words, replies, 60);
  }

  /** One that may write code, which is tried by somebody. */
  static ServedMetaAgent of(ScriptedServer server, ProcessorRegistry registry, CodeTrial trial) {
    return of(server, registry, SETTINGS, Set.of(), Replies.inMemory(), 60, Optional.of(trial));
  }

  static ServedMetaAgent of(
      ScriptedServer server,
      ProcessorRegistry registry,
      MetaAgentSettings settings,
      Set<String> words,
      Replies replies,
      double timeout) {
    return of(server, registry, settings, words, replies, timeout, Optional.empty());
  }

  private static ServedMetaAgent of(
      ScriptedServer server,
      ProcessorRegistry registry,
      MetaAgentSettings settings,
      Set<String> words,
      Replies replies,
      double timeout,
      Optional<CodeTrial> trial) {
    OpenAiModels factory = new OpenAiModels();
    ModelProvider provider =
        factory.open(
            ArgumentValues.of(
                "model provider 'openai'",
                factory.parameters(),
                Map.of("url", server.url(), "model", "m", "key_variable", "", "timeout", timeout)));
    Model model =
        Models.of(
                new ModelConfig(
                    Map.of(ModelRole.MAIN, List.of("m")),
                    new TreeMap<>(Map.of("m", new Price(1000, 2000))),
                    RetryPolicy.DEFAULT),
                Map.of(
                    "m",
                    (Model) request -> provider.complete(List.of(request)).getFirst().orThrow()),
                duration -> {})
            .main();
    return new ServedMetaAgent(
        provider,
        new LlmMetaAgent(
            model,
            "m",
            new Offer(registry, Set.of(), new TreeSet<>(words), trial),
            RedLines.parse("forbidden_types: [sightings]"),
            settings,
            replies));
  }

  /** An answer with one lever. */
  static String lever(String processor, String parameters, String reason) {
    return "{\"levers\": [{\"processor\": \"%s\", \"parameters\": %s, \"reason\": \"%s\"}]}"
        .formatted(processor, parameters, reason);
  }

  /** What a round asks for, of an incumbent that is the start. */
  static MetaAgent.Brief brief(HarnessConfig start, MetaAccount account) {
    return new MetaAgent.Brief(
        3,
        start,
        start,
        List.of(),
        0,
        Collections.unmodifiableSortedSet(new TreeSet<>(Set.of(new Lever("guard", "guard")))),
        () -> List.of("searched=searched +3.0 points"),
        account,
        5);
  }

  @Override
  public void close() {
    provider.close();
  }
}
