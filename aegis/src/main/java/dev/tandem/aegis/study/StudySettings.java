package dev.tandem.aegis.study;

/**
 * The size of a simulated run.
 *
 * @param rounds at least 1
 * @param tasks of a round, at least 2
 * @param attempts at each task, at least 2
 * @param panel of these tasks, how many stay for some rounds, at most {@code tasks}
 * @param gateEpisodes allowance for the gate, per round
 */
public record StudySettings(int rounds, int tasks, int attempts, int panel, int gateEpisodes) {
  public static final StudySettings DEFAULTS = new StudySettings(20, 64, 8, 16, 192);

  public StudySettings {
    if (rounds < 1 || tasks < 2 || attempts < 2 || panel < 0 || panel > tasks || gateEpisodes < 0) {
      throw new IllegalArgumentException(
          ("a study needs at least 1 round, 2 tasks, 2 attempts and a panel within the tasks,"
                  + " had %d, %d, %d and %d")
              .formatted(rounds, tasks, attempts, panel));
    }
  }
}
