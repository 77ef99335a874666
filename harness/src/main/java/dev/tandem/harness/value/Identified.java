package dev.tandem.harness.value;

/**
 * A service that can say what it does: equal hashes promise equal behaviour. The hash of a compiled
 * harness covers those of its services, so that nothing that bears on behaviour changes under one
 * hash.
 */
@FunctionalInterface
public interface Identified {
  /** Hash of everything that bears on what the service does, such as {@link ContentHash} makes. */
  String contentHash();
}
