package dev.tandem.harness.value;

import java.util.Collection;

/** Names as configurations give them: a whole name, or a beginning with a {@code *} behind. */
public final class NamePattern {
  private static final String ANY = "*";

  private NamePattern() {}

  public static boolean anyMatches(Collection<String> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, name));
  }

  private static boolean matches(String pattern, String name) {
    return pattern.endsWith(ANY)
        ? name.startsWith(pattern.substring(0, pattern.length() - ANY.length()))
        : name.equals(pattern);
  }
}
