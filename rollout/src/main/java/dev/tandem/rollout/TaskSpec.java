package dev.tandem.rollout;

/**
 * A task by name: enough for its family to build its environment again.
 *
 * @param family the environment family, such as {@code house}
 * @param id the family's own name for the task, unique within the family
 * @param category kind of task within the family: the cluster that digests, gates and reports group
 *     by
 * @param split which side of the family's division it is on
 * @param contentHash SHA-256 of everything that defines the task, lower-case hexadecimal
 * @param stepLimit environment actions allowed
 */
public record TaskSpec(
    String family, String id, String category, Split split, String contentHash, int stepLimit) {
  public TaskSpec {
    if (family.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "a task needs a family and an id, were '%s' and '%s'".formatted(family, id));
    }
    if (stepLimit < 1) {
      throw new IllegalArgumentException(
          "the step limit of task %s must be at least 1, was %d".formatted(id, stepLimit));
    }
  }

  /** The key that groups trajectories of one task. */
  public String key() {
    return family + "/" + id;
  }
}
