package dev.tandem.aegis.study;

/** A way to evolve a harness, played in a simulated world. */
interface Scheme {
  Run.Outcome play(World world, StudySettings settings);
}
