package dev.tandem.harness.spi;

import dev.tandem.harness.value.HarnessException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The running things behind a harness's slots: singletons that processors and the run loop share
 * but do not own, such as a {@link dev.tandem.harness.tool.ToolRegistry}, an {@link
 * java.time.InstantSource} or {@code HarnessVersions}; a running harness adds its own {@link
 * Slots}. A value; whoever made an instance closes it.
 */
public final class Services {
  /** Nothing is bound. */
  public static final Services NONE = new Services(Map.of());

  private final Map<Class<?>, Object> instances;

  private Services(Map<Class<?>, Object> instances) {
    this.instances = instances;
  }

  /** These services and one more, in the place of another of the same type. */
  public <T> Services with(Class<T> type, T instance) {
    Map<Class<?>, Object> more = new LinkedHashMap<>(instances);
    more.put(type, instance);
    return new Services(more);
  }

  public <T> Optional<T> find(Class<T> type) {
    return Optional.ofNullable(instances.get(type)).map(type::cast);
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
}
