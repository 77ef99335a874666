package dev.tandem.harness.model;

import java.util.Locale;

/** What a model is for. */
public enum ModelRole {
  /** Acts. */
  MAIN,
  /** Judges what the agent did, for processors that ask. */
  JUDGE,
  /** Plays the user whom the agent serves, for environments that have one. */
  USER,
  /** Predicts what an environment would answer. */
  WORLD,
  /** Writes edits of the harness. */
  META;

  /** The role's name in files, such as {@code main}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
