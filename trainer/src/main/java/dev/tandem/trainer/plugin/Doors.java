package dev.tandem.trainer.plugin;

import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.model.Price;
import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Suggestion;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.spi.ModelProviderFactory;
import dev.tandem.trainer.recipe.EnvironmentSettings;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.ProviderSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What comes through the three doors: environments, processors and model providers, of Tandem and
 * of the jars that a recipe names. What comes from a jar is marked with its content hash wherever
 * it bears on behaviour. To be closed when nothing of it runs any more.
 */
public final class Doors implements AutoCloseable {
  /** Digits of a hash in a name. */
  private static final int SHOWN = 12;

  /** How long a provider may take to close before it is left behind. */
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  private final List<PluginJar> jars;
  private final PluginLoader loader;
  private final SortedMap<String, EnvironmentFamily> families = new TreeMap<>();
  private final List<ProcessorLibrary> libraries = new ArrayList<>();
  private final SortedMap<String, ModelProviderFactory> factories = new TreeMap<>();

  private Doors(PluginLoader loader) {
    this.loader = loader;
    this.jars = loader.jars();
    for (EnvironmentFamily family : loader.ours(EnvironmentFamily.class)) {
      families.put(family.id(), family);
    }
    libraries.addAll(loader.ours(ProcessorLibrary.class));
    for (ModelProviderFactory factory : loader.ours(ModelProviderFactory.class)) {
      factories.put(factory.id(), factory);
    }
    String origin = loader.origin();
    for (PluginLoader.Found<EnvironmentFamily> found : loader.found(EnvironmentFamily.class)) {
      String id = named(found, "environment", found.ask(EnvironmentFamily::id), families.keySet());
      families.put(id, new OutsideFamily(found.instance(), origin));
    }
    for (PluginLoader.Found<ProcessorLibrary> found : loader.found(ProcessorLibrary.class)) {
      libraries.add(
          new OutsideLibrary(
              found.ask(ProcessorLibrary::types), found.ask(ProcessorLibrary::vocabulary), origin));
      checkTypes(found);
    }
    for (PluginLoader.Found<ModelProviderFactory> found :
        loader.found(ModelProviderFactory.class)) {
      Set<String> taken = new TreeSet<>(factories.keySet());
      taken.add(ProviderSettings.DECODER);
      factories.put(
          named(found, "model provider", found.ask(ModelProviderFactory::id), taken),
          found.instance());
    }
  }

  /** The id of what a plugin brings, which must be well formed and not taken. */
  private static String named(
      PluginLoader.Found<?> found, String what, String id, Set<String> taken) {
    if (taken.contains(id)) {
      throw found.refused("brings a second %s '%s': rename it".formatted(what, id));
    }
    if (!id.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*")) {
      throw found.refused(
          "names its %s '%s': use lower-case words with underscores".formatted(what, id));
    }
    return id;
  }

  private void checkTypes(PluginLoader.Found<ProcessorLibrary> found) {
    Set<String> ids = new TreeSet<>();
    for (ProcessorLibrary library : libraries) {
      for (ProcessorType type : library.types()) {
        if (!ids.add(type.id())) {
          throw found.refused(
              "brings a second processor type '%s': rename it".formatted(type.id()));
        }
      }
    }
  }

  /** A plugin's processor types, marked with where they are from. */
  private record OutsideLibrary(List<ProcessorType> plain, Set<String> vocabulary, String origin)
      implements ProcessorLibrary {
    @Override
    public List<ProcessorType> types() {
      return plain.stream().map(type -> type.from(origin)).toList();
    }
  }

  /** What comes with Tandem. */
  public static Doors builtIn() {
    return open(List.of());
  }

  /**
   * What comes with Tandem and in these jars.
   *
   * @throws PluginException if one cannot be used, or is not the one that its hash speaks of
   */
  public static Doors open(List<PluginJar> jars) {
    PluginLoader loader = PluginLoader.open(jars);
    try {
      return new Doors(loader);
    } catch (PluginException refused) {
      close(loader);
      throw refused;
    }
  }

  /** The jars, with absolute paths and content hashes. */
  public List<PluginJar> jars() {
    return jars;
  }

  /** The environments there are. */
  public Set<String> environments() {
    return families.keySet();
  }

  /** The providers from outside there are. */
  public Set<String> providers() {
    return factories.keySet();
  }

  /** An environment with all its parameters written out. */
  public EnvironmentSettings complete(EnvironmentSettings settings) {
    return new EnvironmentSettings(settings.name(), arguments(settings).values());
  }

  /**
   * The family that a recipe names, configured as it says.
   *
   * @throws IllegalArgumentException naming the families there are, if this is none of them
   * @throws dev.tandem.harness.value.HarnessException if its parameters are not what it declares
   */
  public EnvironmentFamily family(EnvironmentSettings settings) {
    return declared(settings.name()).configured(arguments(settings));
  }

  private ArgumentValues arguments(EnvironmentSettings settings) {
    return ArgumentValues.of(
        "environment '%s'".formatted(settings.name()),
        declared(settings.name()).parameters(),
        settings.parameters());
  }

  private EnvironmentFamily declared(String name) {
    EnvironmentFamily family = families.get(name);
    if (family == null) {
      throw new IllegalArgumentException(unknown("environment", name, families.keySet()));
    }
    return family;
  }

  /** The processor types that harnesses of a family may use. */
  public ProcessorRegistry registry(EnvironmentFamily family) {
    return ProcessorRegistry.of(libraries).with(family.processors());
  }

  /** The processor types that harnesses of any family may use. */
  public ProcessorRegistry registry() {
    List<ProcessorType> types = new ArrayList<>();
    families.values().forEach(family -> types.addAll(family.processors()));
    return ProcessorRegistry.of(libraries).with(types);
  }

  /** A provider with all its parameters written out. */
  public ProviderSettings complete(ProviderSettings settings) {
    return new ProviderSettings(
        settings.provider(), settings.price(), arguments(settings).values());
  }

  /**
   * Opens the provider that a recipe names; to be closed by the caller.
   *
   * @throws IllegalArgumentException naming the providers there are, if this is none of them
   * @throws dev.tandem.harness.value.HarnessException if its parameters are not what it declares
   */
  public ModelProvider provider(ProviderSettings settings) {
    ModelProvider provider = factory(settings.provider()).open(arguments(settings));
    return new OutsideProvider(
        provider,
        provider.checkpoint() + "@" + identity(settings).substring(0, SHOWN),
        settings.price() == null ? Price.FREE : settings.price(),
        FAREWELL);
  }

  /** Hash of a provider's name, parameters and code. */
  public String identity(ProviderSettings settings) {
    return ContentHash.sha256(
        "%s\n%s\n%s".formatted(settings.provider(), arguments(settings).values(), loader.origin()));
  }

  private ArgumentValues arguments(ProviderSettings settings) {
    List<Parameter> declared = factory(settings.provider()).parameters();
    return ArgumentValues.of(
        "model provider '%s'".formatted(settings.provider()), declared, settings.parameters());
  }

  private ModelProviderFactory factory(String name) {
    ModelProviderFactory factory = factories.get(name);
    if (factory == null) {
      throw new IllegalArgumentException(unknown("model provider", name, factories.keySet()));
    }
    return factory;
  }

  private static String unknown(String what, String name, Collection<String> known) {
    return "%s '%s' does not exist%s; what comes in a jar needs the jar to be named in plugins"
        .formatted(what, name, Suggestion.forUnknown(name, known));
  }

  @Override
  public void close() {
    close(loader);
  }

  private static void close(PluginLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
