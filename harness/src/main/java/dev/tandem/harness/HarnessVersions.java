package dev.tandem.harness;

import dev.tandem.harness.value.HarnessException;
import java.util.Optional;

/** The harness versions that a running episode may swap to; a service. */
@FunctionalInterface
public interface HarnessVersions {
  /**
   * The version of this name or content hash; empty when there is none.
   *
   * @throws HarnessException when there is one that cannot be used
   */
  Optional<Harness> find(String version);
}
