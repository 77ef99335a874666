package dev.tandem.trainer.equipment;

import dev.tandem.harness.Harness;
import dev.tandem.harness.HarnessVersions;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.processor.workspace.FileTools;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.mcp.McpException;
import dev.tandem.rollout.mcp.McpServer;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Doors;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.ToolSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a recipe gives its harnesses to run with, at work: tools and the servers behind them,
 * services, models in other roles, other versions. One for a run; closing it ends what it started.
 */
public final class Equipment implements AutoCloseable {
  /** What the recipe has to say for a processor that finds nothing to work with. */
  private static final Map<String, String> KEYS =
      Map.of(
          "retrieval_memory", "services.memory",
          "skill_documents", "services.skills",
          "verifier_bridge", "services.completion_check",
          "trace_log", "services.trace_log",
          "episode_metrics", "services.metrics",
          "training_bridge", "services.turns",
          "telemetry_spans", "services.telemetry",
          "model_judge", "models.judge");

  private final List<Runnable> closing = new ArrayList<>();
  private final RoleModels models;
  private final ProcessorRegistry registry;
  private final Services services;
  private final Optional<NamedVersions> versions;
  private final Set<Requirement> met;
  private final boolean fresh;

  /**
   * @param folder of the run, where services write
   * @throws EquipmentException when something that the recipe names cannot be used
   */
  public Equipment(
      RunConfig config, Doors doors, EnvironmentFamily family, Path folder, Execution execution) {
    boolean complete = false;
    fresh = config.model().checkpoint().isEmpty() && config.model().outside().isEmpty();
    try {
      models = new RoleModels(config, doors, execution);
      closing.add(models::close);
      List<Tool> tools = tools(config.tools());
      Services found = GivenServices.of(config.services(), tools, folder, closing::add);
      Optional<Models> roles = models.models();
      if (roles.isPresent()) {
        found = found.with(Models.class, roles.get());
      }
      ProcessorRegistry plain = doors.registry(family);
      versions =
          config.versions().isEmpty()
              ? Optional.empty()
              : Optional.of(new NamedVersions(config.versions(), plain, found));
      if (versions.isPresent()) {
        found = found.with(HarnessVersions.class, versions.get());
      }
      services = found;
      registry = served(plain);
      met = met(config, family, !tools.isEmpty());
      for (Map.Entry<String, HarnessConfig> version :
          versions.map(NamedVersions::configs).map(Map::entrySet).orElse(Set.of())) {
        check(version.getValue(), "versions." + version.getKey());
      }
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private List<Tool> tools(ToolSettings said) {
    List<Tool> tools = new ArrayList<>(said.files() ? FileTools.all() : List.of());
    said.mcp()
        .forEach(
            (name, server) -> {
              try {
                McpServer running = McpServer.start(settings(name, server));
                closing.add(running::close);
                tools.addAll(running.tools());
              } catch (McpException | IllegalArgumentException e) {
                throw new EquipmentException("tools.mcp.%s: %s".formatted(name, e.getMessage()), e);
              }
            });
    return tools;
  }

  private static McpServer.Settings settings(String name, ToolSettings.Server server) {
    McpServer.Settings vetted = McpServer.Settings.of(name, server.command());
    return new McpServer.Settings(
        name,
        server.command(),
        server.environment() == null ? Map.of() : server.environment(),
        timeout(server.startTimeout(), vetted.startTimeout()),
        timeout(server.callTimeout(), vetted.callTimeout()));
  }

  private static Duration timeout(@Nullable Double seconds, Duration vetted) {
    return seconds == null ? vetted : Duration.ofMillis(Math.round(seconds * 1000));
  }

  /**
   * The registry whose types ask for no service that is there, so that a search may use them.
   * Observers change nothing and are for people to put in.
   */
  private ProcessorRegistry served(ProcessorRegistry plain) {
    List<ProcessorType> types =
        plain.types().stream().map(type -> serves(type, plain) ? freed(type) : type).toList();
    Set<String> words = plain.vocabulary();
    return ProcessorRegistry.of(
        List.of(
            new ProcessorLibrary() {
              @Override
              public List<ProcessorType> types() {
                return types;
              }

              @Override
              public Set<String> vocabulary() {
                return words;
              }
            }));
  }

  private boolean serves(ProcessorType type, ProcessorRegistry plain) {
    if (!type.requirements().contains(Requirement.SERVICE) || type.dimension().observes()) {
      return false;
    }
    try {
      Harness harness =
          Harness.compile(HarnessConfig.of(ProcessorSpec.of(type.id())), plain, services);
      harness.newProcessor(0, harness.services()).close();
      return true;
    } catch (HarnessException notServed) {
      return false;
    }
  }

  private static ProcessorType freed(ProcessorType type) {
    Set<Requirement> rest = EnumSet.copyOf(type.requirements());
    rest.remove(Requirement.SERVICE);
    return new ProcessorType(
        type.id(),
        type.summary(),
        type.group(),
        type.dimension(),
        type.hooks(),
        type.order(),
        type.after(),
        type.addresses(),
        type.parameters(),
        type.factory(),
        type.refinement(),
        rest,
        type.origin());
  }

  private Set<Requirement> met(RunConfig config, EnvironmentFamily family, boolean ownTools) {
    Set<Requirement> met = EnumSet.noneOf(Requirement.class);
    if (config.model().outside().isPresent()) {
      met.add(Requirement.OPEN_VOCABULARY);
    }
    if (ownTools || hasTools(family)) {
      met.add(Requirement.TOOLS);
    }
    if (config.models().containsKey(ModelRole.JUDGE)) {
      met.add(Requirement.ROLES);
    }
    if (config.services().memory() != null) {
      met.add(Requirement.MEMORY);
    }
    if (!config.versions().isEmpty()) {
      met.add(Requirement.VERSIONS);
    }
    return met;
  }

  /** Asks the environment of the first task, which is closed before it begins. */
  private boolean hasTools(EnvironmentFamily family) {
    if (family.tasks().available(Split.TRAIN, 1) == 0) {
      return false;
    }
    EpisodeContext plain = EpisodeContext.of(0);
    EpisodeContext context =
        new EpisodeContext(plain.seed(), models.byRole(), plain.clock(), plain.deadline());
    try (Environment first =
        family.open(family.tasks().tasks(Split.TRAIN, 0, 1).getFirst(), context)) {
      return !first.tools().isEmpty();
    }
  }

  /**
   * The same for a model that acts by these weights.
   *
   * @return types, services and what is met
   */
  public Outfit actedBy(Policy policy) {
    models.actor(policy);
    Set<Requirement> all = EnumSet.noneOf(Requirement.class);
    all.addAll(met);
    if (policy.readsAnyWord()) {
      all.add(Requirement.OPEN_VOCABULARY);
    }
    return new Outfit(registry, services, all);
  }

  /** Types, services and what is met, where the model comes from outside. */
  public Outfit outfit() {
    return new Outfit(registry, services, met);
  }

  /** The models in other roles, for environments. */
  public Map<ModelRole, Model> models() {
    return models.byRole();
  }

  /**
   * Who writes edits of the harness, if the recipe names somebody.
   *
   * @param name which changes whenever its answers may
   */
  public record Author(String name, Model model) {}

  /** Opens the model that writes edits; to be asked for once. */
  public Optional<Author> author() {
    return models.meta().map(named -> new Author(named.name(), named.model()));
  }

  /**
   * Makes every processor once, so that none dies in an episode for want of a service.
   *
   * @param where what the harness is called in the recipe
   * @throws EquipmentException naming the recipe's key for what is missing
   */
  public void check(HarnessConfig config, String where) {
    requireSpeech(config, where);
    Harness harness = Harness.compile(config, registry, services);
    for (int i = 0; i < harness.size(); i++) {
      ProcessorSpec spec = harness.spec(i);
      if (!registry.type(spec.type()).requirements().contains(Requirement.AUTHOR)) {
        try {
          Processor processor = harness.newProcessor(i, harness.services());
          processor.close();
        } catch (HarnessException refused) {
          throw new EquipmentException(
              "%s: the processor '%s' cannot work: %s"
                  .formatted(where, spec.type(), remedy(spec.type(), refused)),
              refused);
        }
      }
      if (spec.parameters().get("version") instanceof String version && !version.isEmpty()) {
        requireVersion(where, spec.type(), version);
      }
    }
  }

  /** A fresh model has never heard of tools; it would be told of them when it first plays. */
  private void requireSpeech(HarnessConfig config, String where) {
    if (!fresh) {
      return;
    }
    for (Tool tool : services.find(ToolRegistry.class).orElse(ToolRegistry.EMPTY).tools()) {
      if (config.slots().allowsTool(tool.spec().name())) {
        throw new EquipmentException(
            "%s: a fresh model cannot use tools such as '%s': name a checkpoint whose chat template speaks of tools, or leave them to others with slots: {tools: []}"
                .formatted(where, tool.spec().name()));
      }
    }
  }

  private static String remedy(String type, HarnessException refused) {
    String key = KEYS.get(type);
    return key == null
        ? String.valueOf(refused.getMessage())
        : "nothing is given for it; say %s in the recipe, or take it out".formatted(key);
  }

  private void requireVersion(String where, String type, String version) {
    boolean known = versions.isPresent() && versions.get().find(version).isPresent();
    if (!known) {
      Set<String> names =
          new TreeSet<>(versions.map(NamedVersions::configs).map(Map::keySet).orElse(Set.of()));
      throw new EquipmentException(
          "%s: the processor '%s' goes on under the version '%s', which the recipe does not have: add it to versions%s"
              .formatted(where, type, version, names.isEmpty() ? "" : ", which has " + names));
    }
  }

  @Override
  public void close() {
    closing.reversed().forEach(Runnable::run);
    closing.clear();
  }
}
