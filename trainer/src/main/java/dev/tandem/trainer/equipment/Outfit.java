package dev.tandem.trainer.equipment;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.spi.Services;
import java.util.Set;

/**
 * What a run's harnesses are made of.
 *
 * @param registry the processor types, bound to the services: hashes made with it cover them
 * @param services what the processors share
 * @param met what there is of the requirements that types declare
 */
public record Outfit(ProcessorRegistry registry, Services services, Set<Requirement> met) {
  public Outfit {
    registry = registry.boundTo(services);
    met = Set.copyOf(met);
  }

  /** Types alone. */
  public static Outfit of(ProcessorRegistry registry) {
    return new Outfit(registry, Services.NONE, Set.of());
  }

  public Harness compile(HarnessConfig config) {
    return Harness.compile(config, registry, services);
  }

  /** Content hash of a harness of this outfit. */
  public String hash(HarnessConfig config) {
    return config.hash(registry);
  }
}
