package dev.tandem.harness;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorOrder;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration compiled for running: checked, hashed, every hook's chain in order, and bound to
 * the services behind its slots. It holds no running processor and may be shared by any number of
 * episodes at once.
 */
public final class Harness {
  private final HarnessConfig config;
  private final ProcessorRegistry registry;
  private final Services services;
  private final String hash;
  private final List<ProcessorSpec> specs;
  private final List<ProcessorType> types;

  /** With this harness's own services, as nearly all processors are made. */
  private final List<ProcessorType.Arguments> arguments;

  /** For each hook the positions of its processors in {@link #types}. */
  private final Map<Hook, List<Integer>> chains;

  private Harness(HarnessConfig config, ProcessorRegistry registry, Services services) {
    this.config = config;
    this.registry = registry;
    this.services = services.with(Slots.class, config.slots());
    this.hash = config.hash(registry.boundTo(services));
    this.specs = config.processors().stream().map(registry::complete).toList();
    this.types = config.processors().stream().map(registry::resolve).toList();
    this.arguments =
        config.processors().stream().map(spec -> registry.arguments(spec, this.services)).toList();
    this.chains = new EnumMap<>(Hook.class);
    for (Hook hook : Hook.values()) {
      chains.put(hook, ProcessorOrder.of(hook, types));
    }
  }

  /** {@link #compile(HarnessConfig, ProcessorRegistry, Services)} without services. */
  public static Harness compile(HarnessConfig config, ProcessorRegistry registry) {
    return compile(config, registry, Services.NONE);
  }

  /**
   * Checks and orders a configuration. Whether the services that its processors need are there is
   * found out when an episode begins; that those which bear on behaviour can be told apart by the
   * content hash, now.
   *
   * @throws HarnessException with everything that is wrong with it
   */
  public static Harness compile(
      HarnessConfig config, ProcessorRegistry registry, Services services) {
    HarnessException.throwIfAny(config.compilationProblems(registry));
    return new Harness(config, registry, services);
  }

  /**
   * This harness with an edit applied, of the same registry and services.
   *
   * @throws HarnessException when the edit cannot be applied
   */
  public Harness edited(HarnessEdit edit) {
    return compile(config.apply(edit, registry), registry, services);
  }

  public HarnessConfig config() {
    return config;
  }

  /**
   * Content hash of the behaviour: that of the configuration under a registry bound to the
   * services, see {@link HarnessConfig#hash(ProcessorRegistry)} and {@link
   * ProcessorRegistry#boundTo}.
   */
  public String hash() {
    return hash;
  }

  /** What its processors share. */
  public Services services() {
    return services;
  }

  /** The types of the processors that act at a hook, in order. */
  public List<ProcessorType> chain(Hook hook) {
    return positions(hook).stream().map(types::get).toList();
  }

  /** Canonical JSON of a hook's chain: what acts there, in order, all parameters written out. */
  public String chainJson(Hook hook) {
    return CanonicalJson.write(
        positions(hook).stream().map(specs::get).map(CanonicalJson::flat).toList());
  }

  /** Positions of a hook's processors among the harness's. */
  public List<Integer> positions(Hook hook) {
    return chains.getOrDefault(hook, List.of());
  }

  /** How many processors there are. */
  public int size() {
    return types.size();
  }

  /** The type of the processor at a position. */
  public ProcessorType type(int position) {
    return types.get(position);
  }

  /** The processor at a position with every parameter written out. */
  public ProcessorSpec spec(int position) {
    return specs.get(position);
  }

  /**
   * A new processor for one episode.
   *
   * @param shared what it gets for services: this harness's own, those of the episode among them
   */
  public Processor newProcessor(int position, Services shared) {
    return types
        .get(position)
        .factory()
        .apply(
            shared.equals(services)
                ? arguments.get(position)
                : registry.arguments(config.processors().get(position), shared));
  }

  /**
   * Whether a processor of this harness is made as one of another: of equal parameters, by the same
   * code, with the same slots and services.
   */
  public boolean makesAlike(int position, Harness other, int otherPosition) {
    ProcessorType mine = types.get(position);
    ProcessorType theirs = other.types.get(otherPosition);
    return specs.get(position).equals(other.specs.get(otherPosition))
        && mine.origin().equals(theirs.origin())
        && mine.factory().equals(theirs.factory())
        && services.equals(other.services);
  }
}
