package dev.tandem.harness.spi;

/**
 * What a processor type needs of its surroundings to be of use. A search puts in by itself only
 * what has all it needs, so that the types for worlds with tools do not crowd a world without.
 */
public enum Requirement {
  /** A model that reads words which a small closed vocabulary does not hold. */
  OPEN_VOCABULARY,
  /** An environment, or a harness, with tools. */
  TOOLS,
  /** A model in another role than {@code main}, such as a judge. */
  ROLES,
  /** A memory of earlier episodes. */
  MEMORY,
  /** Other harness versions to go on under. */
  VERSIONS,
  /** Somebody to write its text or code: with its defaults it does nothing. */
  AUTHOR,
  /** Something bound to the harness that takes what it sees or gives what it tells. */
  SERVICE
}
