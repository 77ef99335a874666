package dev.tandem.harness.spi;

import dev.tandem.harness.value.Bystander;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Identified;
import dev.tandem.harness.value.Slots;
import io.opentelemetry.api.trace.Tracer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The running things behind a harness's slots: singletons that processors and the run loop share
 * but do not own, such as a {@link dev.tandem.harness.tool.ToolRegistry}, an {@link
 * java.time.InstantSource} or {@code HarnessVersions}; a running harness adds its own {@link
 * Slots}. A value; whoever made an instance closes it.
 *
 * <p>A service bears on what the agent does, unless it is a {@link Bystander}, a clock or a tracer.
 * One that does is {@link Identified}, or is bound with an identity.
 */
public final class Services {
  /** Nothing is bound. */
  public static final Services NONE = new Services(Map.of());

  /** Types of others that bear on nothing; slots are hashed with their configuration. */
  private static final Set<Class<?>> BYSTANDERS =
      Set.of(InstantSource.class, Tracer.class, Slots.class);

  private final Map<Class<?>, Bound> instances;

  /**
   * @param identity given when it was bound; null to ask the instance
   */
  private record Bound(Object instance, @Nullable String identity) {}

  private Services(Map<Class<?>, Bound> instances) {
    this.instances = instances;
  }

  /** These services and one more, in the place of another of the same type. */
  public <T> Services with(Class<T> type, T instance) {
    return with(type, new Bound(instance, null));
  }

  /**
   * {@link #with(Class, Object)} for a service that cannot say what it does.
   *
   * @param identity text that changes whenever what the service does changes
   */
  public <T> Services with(Class<T> type, T instance, String identity) {
    return with(type, new Bound(instance, identity));
  }

  private Services with(Class<?> type, Bound bound) {
    Map<Class<?>, Bound> more = new LinkedHashMap<>(instances);
    more.put(type, bound);
    return new Services(more);
  }

  public <T> Optional<T> find(Class<T> type) {
    return Optional.ofNullable(instances.get(type)).map(bound -> type.cast(bound.instance()));
  }

  /**
   * The service of this type, for a processor that cannot do without.
   *
   * @throws HarnessException when none is bound
   */
  public <T> T require(Class<T> type) {
    return find(type)
        .orElseThrow(
            () ->
                new HarnessException(
                    "the harness needs a %s and none is bound: compile it with one among its services"
                        .formatted(type.getSimpleName())));
  }

  /**
   * What the services that bear on behaviour do, by type: part of a harness's content hash.
   *
   * @throws HarnessException naming every such service that nobody gave an identity
   */
  public SortedMap<String, String> identities() {
    SortedMap<String, String> identities = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    instances.forEach(
        (type, bound) -> {
          String name = type.getName();
          if (bound.identity() != null) {
            identities.put(name, bound.identity());
          } else if (bound.instance() instanceof Identified identified) {
            identities.put(name, identified.contentHash());
          } else if (!(BYSTANDERS.contains(type) || bound.instance() instanceof Bystander)) {
            problems.add(
                "the service %s bears on what the agent does and has no identity: let it be Identified, or bind it with one"
                    .formatted(type.getSimpleName()));
          }
        });
    HarnessException.throwIfAny(problems);
    return Collections.unmodifiableSortedMap(identities);
  }

  /** Whether the very same services are bound, and equal slots. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Services services && instances.equals(services.instances);
  }

  @Override
  public int hashCode() {
    return instances.hashCode();
  }
}
