package dev.tandem.harness.config;

import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The processor types that configurations may name: a value, never changed in place. */
public final class ProcessorRegistry {
  private static final ProcessorRegistry BUILT_IN = of(ProcessorLibrary.builtIn());

  private final SequencedMap<String, ProcessorType> types;
  private final Set<String> vocabulary;

  /** What the services that configurations run with do, by type. */
  private final SortedMap<String, String> surroundings;

  /**
   * @throws IllegalArgumentException when two types share an id
   */
  public ProcessorRegistry(Collection<ProcessorType> types) {
    this(types, Set.of(), Collections.emptySortedMap());
  }

  private ProcessorRegistry(
      Collection<ProcessorType> types,
      Set<String> vocabulary,
      SortedMap<String, String> surroundings) {
    SequencedMap<String, ProcessorType> byId = new LinkedHashMap<>();
    for (ProcessorType type : types) {
      if (byId.put(type.id(), type) != null) {
        throw new IllegalArgumentException(
            "processor type ids must be unique, '" + type.id() + "' was given twice");
      }
    }
    this.types = Collections.unmodifiableSequencedMap(byId);
    this.vocabulary = Collections.unmodifiableSet(new TreeSet<>(vocabulary));
    this.surroundings = surroundings;
  }

  /** The types that come with Tandem. */
  public static ProcessorRegistry builtIn() {
    return BUILT_IN;
  }

  /** The types and words of libraries, in their order. */
  public static ProcessorRegistry of(Collection<ProcessorLibrary> libraries) {
    Set<String> words = new TreeSet<>();
    libraries.forEach(library -> words.addAll(library.vocabulary()));
    return new ProcessorRegistry(
        libraries.stream().flatMap(library -> library.types().stream()).toList(),
        words,
        Collections.emptySortedMap());
  }

  /** This registry and more types. */
  public ProcessorRegistry with(ProcessorType... more) {
    return with(List.of(more));
  }

  /** This registry and more types, such as a family's own. */
  public ProcessorRegistry with(Collection<ProcessorType> more) {
    List<ProcessorType> all = new ArrayList<>(types.values());
    all.addAll(more);
    return new ProcessorRegistry(all, vocabulary, surroundings);
  }

  /** Every word that the libraries' texts use under default parameters, sorted. */
  public Set<String> vocabulary() {
    return vocabulary;
  }

  /**
   * This registry for harnesses that run with these services: hashes made with it cover what the
   * services do, as the hash of a harness compiled with them does.
   *
   * @throws HarnessException naming every service that bears on behaviour and has no identity
   */
  public ProcessorRegistry boundTo(Services services) {
    return new ProcessorRegistry(types.values(), vocabulary, services.identities());
  }

  /** What the services do, by type; empty where there are none. */
  SortedMap<String, String> surroundings() {
    return surroundings;
  }

  /**
   * The type of this id.
   *
   * @throws HarnessException when there is none, with a suggestion
   */
  public ProcessorType type(String id) {
    return find(id).orElseThrow(() -> new HarnessException(unknownType(id)));
  }

  public Optional<ProcessorType> find(String id) {
    return Optional.ofNullable(types.get(id));
  }

  /** {@link #searchable(Set)} where no requirement is met. */
  public List<ProcessorType> searchable() {
    return searchable(Set.of());
  }

  /**
   * The types that a search may put into a harness by itself, in the order of registration.
   *
   * @param met what there is of {@link ProcessorType#requirements}
   */
  public List<ProcessorType> searchable(Set<Requirement> met) {
    return types.values().stream().filter(type -> met.containsAll(type.requirements())).toList();
  }

  /** Every type, in the order of registration. */
  public List<ProcessorType> types() {
    return List.copyOf(types.values());
  }

  /**
   * The type of one configured processor, refined by its parameters: its {@link ProcessorType#id}
   * is what edits call it.
   *
   * @throws HarnessException when the type is unknown or the parameters do not go together
   */
  public ProcessorType resolve(ProcessorSpec spec) {
    return type(spec.type()).refinement().refine(type(spec.type()), arguments(spec, Services.NONE));
  }

  /** The arguments of a processor whose parameters have been checked. */
  public ProcessorType.Arguments arguments(ProcessorSpec spec, Services services) {
    return new CheckedArguments(spec.type(), complete(spec).parameters(), services);
  }

  /** The processor with every parameter written out; its type must be known. */
  public ProcessorSpec complete(ProcessorSpec spec) {
    SortedMap<String, Object> parameters = new TreeMap<>(spec.parameters());
    for (Parameter parameter : type(spec.type()).parameters()) {
      parameters.merge(
          parameter.name(),
          parameter.defaultValue(),
          (given, byDefault) -> parameter.canonical(given));
    }
    return new ProcessorSpec(spec.type(), parameters);
  }

  /** The processor as the content hash sees it: complete, without what is not behaviour. */
  ProcessorSpec behaviour(ProcessorSpec spec) {
    SortedMap<String, Object> parameters = new TreeMap<>(complete(spec).parameters());
    for (Parameter parameter : type(spec.type()).parameters()) {
      if (!parameter.behavioural()) {
        parameters.remove(parameter.name());
      }
    }
    return new ProcessorSpec(spec.type(), parameters);
  }

  String unknownType(String id) {
    return "unknown processor type '%s'%s".formatted(id, Suggestion.forUnknown(id, types.keySet()));
  }
}
