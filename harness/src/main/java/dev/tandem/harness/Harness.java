package dev.tandem.harness;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration compiled for running: checked, hashed, and every hook's chain in order. It holds
 * no running processor and may be shared by any number of episodes at once.
 */
public final class Harness {
  private final HarnessConfig config;
  private final String hash;
  private final List<ProcessorType> types;
  private final List<ProcessorType.Arguments> arguments;

  /** For each hook the positions of its processors in {@link #types}. */
  private final Map<Hook, List<Integer>> chains;

  private Harness(
      HarnessConfig config,
      String hash,
      List<ProcessorType> types,
      List<ProcessorType.Arguments> arguments,
      Map<Hook, List<Integer>> chains) {
    this.config = config;
    this.hash = hash;
    this.types = types;
    this.arguments = arguments;
    this.chains = chains;
  }

  /** {@link #compile(HarnessConfig, ProcessorRegistry)} with the built-in types. */
  public static Harness compile(HarnessConfig config) {
    return compile(config, ProcessorRegistry.builtIn());
  }

  /**
   * Checks and orders a configuration.
   *
   * @throws HarnessException with everything that is wrong with it
   */
  public static Harness compile(HarnessConfig config, ProcessorRegistry registry) {
    List<String> problems = new ArrayList<>(config.problems(registry));
    List<ProcessorType> types =
        config.processors().stream().flatMap(spec -> registry.find(spec.type()).stream()).toList();
    Map<Hook, List<Integer>> chains = new EnumMap<>(Hook.class);
    for (Hook hook : Hook.values()) {
      try {
        chains.put(hook, ProcessorOrder.of(hook, types));
      } catch (HarnessException e) {
        problems.addAll(e.problems());
      }
    }
    HarnessException.throwIfAny(problems);
    List<ProcessorType.Arguments> arguments =
        config.processors().stream()
            .<ProcessorType.Arguments>map(
                spec -> new CheckedArguments(spec.type(), registry.complete(spec).parameters()))
            .toList();
    return new Harness(config, config.hash(registry), types, arguments, chains);
  }

  public HarnessConfig config() {
    return config;
  }

  /** Content hash of the behaviour, see {@link HarnessConfig#hash()}. */
  public String hash() {
    return hash;
  }

  /** The types of the processors that act at a hook, in order. */
  public List<ProcessorType> chain(Hook hook) {
    return positions(hook).stream().map(types::get).toList();
  }

  /** Positions of a hook's processors among {@link #newProcessors}. */
  List<Integer> positions(Hook hook) {
    return chains.getOrDefault(hook, List.of());
  }

  String processorName(int position) {
    return types.get(position).id();
  }

  /** New processors for one episode. */
  List<Processor> newProcessors() {
    List<Processor> processors = new ArrayList<>(types.size());
    for (int i = 0; i < types.size(); i++) {
      processors.add(types.get(i).factory().apply(arguments.get(i)));
    }
    return processors;
  }
}
