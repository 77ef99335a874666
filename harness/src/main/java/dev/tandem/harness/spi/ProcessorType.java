package dev.tandem.harness.spi;

import dev.tandem.harness.event.Hook;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What is known of a processor before it runs: where it acts, in which order, what it can be told,
 * and which failures it may cure.
 *
 * @param id its name in configurations
 * @param summary one sentence for people
 * @param group its singleton group: a harness holds at most one processor of a group
 * @param dimension the harness dimension it belongs to
 * @param hooks where it acts
 * @param order position in a hook's chain, lower first: {@link #PRE}, {@link #NORMAL}, {@link
 *     #POST} or between
 * @param after groups that come before it where both have the same order
 * @param addresses failure categories it may cure
 * @param parameters what can be configured
 * @param factory makes the running processor for one episode from complete, checked parameters; it
 *     throws a {@link HarnessException} when a service it needs is not bound
 * @param refinement makes the type of one configured processor from its parameters, for types such
 *     as {@code code} whose name, group, hooks and order are parameters themselves; it throws a
 *     {@link HarnessException} when the parameters do not go together. The identity for all others.
 * @param requirements without which it is of no use
 * @param origin content hash of the library that it comes from, part of the hash of every harness
 *     that has such a processor; empty for what comes with Tandem, whose contract version says it
 */
public record ProcessorType(
    String id,
    String summary,
    String group,
    Dimension dimension,
    Set<Hook> hooks,
    int order,
    List<String> after,
    Set<FailureCategory> addresses,
    List<Parameter> parameters,
    Function<Arguments, Processor> factory,
    Refinement refinement,
    Set<Requirement> requirements,
    String origin) {

  public static final int PRE = -100;
  public static final int NORMAL = 0;
  public static final int POST = 100;

  private static final Set<String> RESERVED = Set.of("type", "origin");

  public ProcessorType {
    hooks = inOrder(hooks, Hook.class);
    after = List.copyOf(after);
    addresses = Collections.unmodifiableSortedSet(new TreeSet<>(addresses));
    parameters = List.copyOf(parameters);
    requirements = inOrder(requirements, Requirement.class);
    for (Parameter parameter : parameters) {
      if (RESERVED.contains(parameter.name())) {
        throw new IllegalArgumentException(
            "processor type '%s' must not have a parameter named '%s': configurations use that word for the processor's own type"
                .formatted(id, parameter.name()));
      }
    }
  }

  /** A type whose metadata is the same whatever its parameters are. */
  public ProcessorType(
      String id,
      String summary,
      String group,
      Dimension dimension,
      Set<Hook> hooks,
      int order,
      List<String> after,
      Set<FailureCategory> addresses,
      List<Parameter> parameters,
      Function<Arguments, Processor> factory) {
    this(
        id,
        summary,
        group,
        dimension,
        hooks,
        order,
        after,
        addresses,
        parameters,
        factory,
        (declared, arguments) -> declared,
        Set.of(),
        "");
  }

  /** The same type with a refinement. */
  public ProcessorType refinedBy(Refinement changed) {
    return with(changed, requirements, origin);
  }

  /** The same type with requirements. */
  public ProcessorType requiring(Requirement first, Requirement... more) {
    return with(refinement, EnumSet.of(first, more), origin);
  }

  /** The same type out of a library with this content hash. */
  public ProcessorType from(String library) {
    return with(refinement, requirements, library);
  }

  private ProcessorType with(
      Refinement otherRefinement, Set<Requirement> otherRequirements, String otherOrigin) {
    return new ProcessorType(
        id,
        summary,
        group,
        dimension,
        hooks,
        order,
        after,
        addresses,
        parameters,
        factory,
        otherRefinement,
        otherRequirements,
        otherOrigin);
  }

  /** A copy whose iteration order is the same in every run, unlike that of {@code Set.copyOf}. */
  private static <E extends Enum<E>> Set<E> inOrder(Set<E> set, Class<E> type) {
    Set<E> copy = EnumSet.noneOf(type);
    copy.addAll(set);
    return Collections.unmodifiableSet(copy);
  }

  /** The parameter of this name. */
  public Optional<Parameter> parameter(String name) {
    return parameters.stream().filter(parameter -> parameter.name().equals(name)).findFirst();
  }

  /** A processor's parameters, and what it shares with others. */
  public interface Arguments extends dev.tandem.harness.value.Arguments {
    /** What the harness was compiled with; none while a configuration is only checked. */
    Services services();
  }

  /** Makes a configured processor's type of the declared one. */
  @FunctionalInterface
  public interface Refinement {
    /** The declared type with the metadata that the parameters settle. */
    ProcessorType refine(ProcessorType declared, Arguments arguments);
  }
}
