package dev.tandem.rollout;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Judged episodes that can be gone through again and again, one after the other, always in the same
 * order. They may come from a disk, so whoever goes through them keeps what it needs of each and
 * not the episode: thousands of them need not fit into memory.
 */
@FunctionalInterface
public interface Trajectories {
  /** Goes through all of them once. */
  void forEach(Consumer<? super Trajectory> reader);

  /** Those that are wanted. */
  default Trajectories filter(Predicate<? super Trajectory> wanted) {
    return reader ->
        forEach(
            one -> {
              if (wanted.test(one)) {
                reader.accept(one);
              }
            });
  }
}
