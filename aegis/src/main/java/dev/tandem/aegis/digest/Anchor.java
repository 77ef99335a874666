package dev.tandem.aegis.digest;

/**
 * Where evidence is: a step of an episode.
 *
 * @param trajectory its id
 * @param step from 0
 */
public record Anchor(String trajectory, int step) {}
