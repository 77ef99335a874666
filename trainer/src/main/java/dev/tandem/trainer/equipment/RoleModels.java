package dev.tandem.trainer.equipment;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelConfig;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.model.Price;
import dev.tandem.harness.model.RetryPolicy;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.ProviderSettings;
import dev.tandem.trainer.recipe.RoleSettings;
import dev.tandem.trainer.recipe.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The models that a recipe names beside the one that acts, at work. */
final class RoleModels implements AutoCloseable {
  private static final String CHECKPOINT = ProviderSettings.CHECKPOINT;
  private static final String TEMPERATURE = "temperature";
  private static final String RESPONSE_TOKENS = "response_tokens";
  private static final List<Parameter> DECODER_PARAMETERS =
      List.of(
          new Parameter.Text(CHECKPOINT, ""),
          new Parameter.Decimal(TEMPERATURE, 1, 0, 100),
          new Parameter.Count(RESPONSE_TOKENS, 64, 1, 1_000_000));

  private final RunConfig config;
  private final Doors doors;
  private final Execution execution;
  private final AtomicReference<Optional<Policy>> actor = new AtomicReference<>(Optional.empty());
  private final Map<ModelRole, Model> byRole = new EnumMap<>(ModelRole.class);
  private final Map<ModelRole, String> names = new EnumMap<>(ModelRole.class);
  private final List<Runnable> closing = new ArrayList<>();

  RoleModels(RunConfig config, Doors doors, Execution execution) {
    this.config = config;
    this.doors = doors;
    this.execution = execution;
    boolean complete = false;
    try {
      config
          .models()
          .forEach(
              (role, said) -> {
                // Who writes edits serves no episode, and is not needed by whoever only plays.
                if (role != ModelRole.META) {
                  open(role, said);
                }
              });
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private void open(ModelRole role, RoleSettings said) {
    Named line = line(role, said);
    byRole.put(role, line.model());
    names.put(role, line.name());
  }

  /** Who writes edits, where the recipe names one; opened by being asked for, once. */
  Optional<Named> meta() {
    return Optional.ofNullable(config.models().get(ModelRole.META))
        .map(said -> line(ModelRole.META, said));
  }

  private Named line(ModelRole role, RoleSettings said) {
    SortedMap<String, Model> running = new TreeMap<>();
    SortedMap<String, Price> prices = new TreeMap<>();
    List<String> line = new ArrayList<>();
    for (ProviderSettings provider : said.providers()) {
      boolean decoder = provider.provider().equals(ProviderSettings.DECODER);
      Named model = decoder ? decoder(role, provider) : outside(role, provider);
      line.add(model.name());
      running.put(model.name(), model.model());
      if (decoder && provider.price() != null) {
        prices.put(model.name(), provider.price());
      }
    }
    ModelConfig alone = new ModelConfig(Map.of(ModelRole.MAIN, line), prices, said.policy());
    return new Named(line.toString(), Models.of(alone, running, Models.Pause.sleeping()).main());
  }

  /**
   * A model at work.
   *
   * @param name which changes whenever its answers may
   */
  record Named(String name, Model model) {}

  private static ArgumentValues arguments(ModelRole role, ProviderSettings provider) {
    return ArgumentValues.of(
        "models.%s: model provider 'decoder'".formatted(role.id()),
        DECODER_PARAMETERS,
        provider.parameters());
  }

  private Named outside(ModelRole role, ProviderSettings settings) {
    try {
      String name = settings.provider() + " " + doors.identity(settings);
      ModelProvider provider = doors.provider(settings);
      closing.add(provider::close);
      return new Named(name, new SharedModel(provider));
    } catch (IllegalArgumentException | Model.ModelException unusable) {
      throw refused(role, unusable);
    }
  }

  private static EquipmentException refused(ModelRole role, RuntimeException why) {
    return new EquipmentException("models.%s: %s".formatted(role.id(), why.getMessage()), why);
  }

  private Named decoder(ModelRole role, ProviderSettings settings) {
    ArgumentValues arguments = arguments(role, settings);
    String checkpoint = arguments.text(CHECKPOINT);
    double temperature = arguments.number(TEMPERATURE);
    if (!checkpoint.isEmpty()) {
      Policy policy = load(role, Path.of(checkpoint), arguments.count(RESPONSE_TOKENS));
      closing.add(policy::close);
      // By its weights and not by its folder, which may hold others tomorrow.
      SortedMap<String, Object> identity = new TreeMap<>(arguments.values());
      identity.put(CHECKPOINT, policy.decoder().weightsSha256());
      return new Named(
          "decoder " + identity, alone(() -> policy.provider(checkpoint, temperature)));
    }
    if (config.model().outside().isPresent()) {
      throw new EquipmentException(
          "models.%s: the provider 'decoder' without a checkpoint is the model that acts, and that is the provider '%s': name a checkpoint"
              .formatted(role.id(), config.model().provider()));
    }
    return new Named(
        "decoder " + arguments.values(),
        alone(
            () ->
                actor
                    .get()
                    .orElseThrow(() -> new IllegalStateException("no model acts yet"))
                    .provider(role.id(), temperature)));
  }

  private Policy load(ModelRole role, Path checkpoint, int responseTokens) {
    try {
      return Policy.loadFrozen(checkpoint, responseTokens, execution);
    } catch (CheckpointException unusable) {
      throw refused(role, unusable);
    }
  }

  /** One request at a time, each by itself, so that its answer depends on nobody else. */
  private static Model alone(Supplier<ModelProvider> provider) {
    Object turn = new Object();
    return request -> {
      synchronized (turn) {
        return provider.get().complete(List.of(request)).getFirst().orThrow();
      }
    };
  }

  /** Who acts, for roles that are played by the same weights. */
  void actor(Policy policy) {
    actor.set(Optional.of(policy));
  }

  /** The models, for environments. */
  Map<ModelRole, Model> byRole() {
    return Collections.unmodifiableMap(byRole);
  }

  /** The models, for processors; empty where there is none. */
  Optional<Models> models() {
    if (byRole.isEmpty()) {
      return Optional.empty();
    }
    Map<ModelRole, List<String>> roles = new EnumMap<>(ModelRole.class);
    Map<String, Model> running = new TreeMap<>();
    roles.put(ModelRole.MAIN, List.of("main"));
    running.put(
        "main",
        request -> {
          throw new IllegalStateException("the model that acts is asked by the run loop only");
        });
    byRole.forEach(
        (role, model) -> {
          String name = role.id() + " " + names.getOrDefault(role, "");
          roles.put(role, List.of(name));
          running.put(name, model);
        });
    return Optional.of(
        Models.of(
            new ModelConfig(roles, new TreeMap<>(), new RetryPolicy(Map.of())),
            running,
            Models.Pause.sleeping()));
  }

  @Override
  public void close() {
    closing.reversed().forEach(Runnable::run);
    closing.clear();
  }
}
