package dev.tandem.rollout;

/**
 * A task by name: enough to build its environment again.
 *
 * @param family the environment family, such as {@code house}
 * @param category kind of task within the family: the cluster that digests, gates and reports group
 *     by
 * @param index the generator's index
 * @param contentHash SHA-256 of everything that defines the task, lower-case hexadecimal
 * @param stepLimit environment actions allowed
 */
public record TaskSpec(
    String family, String category, Split split, int index, String contentHash, int stepLimit) {
  public TaskSpec {
    if (split != Split.of(contentHash)) {
      throw new IllegalArgumentException(
          "task %s %d belongs to split %s by its content, was given %s"
              .formatted(family, index, Split.of(contentHash).id(), split.id()));
    }
  }

  /** The key that groups trajectories of one task. */
  public String key() {
    return family + "/" + index;
  }
}
