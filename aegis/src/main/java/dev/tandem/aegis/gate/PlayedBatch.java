package dev.tandem.aegis.gate;

import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.store.StoredEpisode;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The gate tasks that were played together under both harnesses, as a proof names them: so little
 * that it fits into a ledger, and enough to find every episode and to tell if one was changed.
 *
 * @param chosen whether the tasks were chosen to rule harm out, and not taken as they came
 */
public record PlayedBatch(Side incumbent, Side candidate, boolean chosen) {
  /** Solved, not solved, and no verdict. */
  private static final char SOLVED = '+';

  private static final char FAILED = '-';
  private static final char BROKEN = 'x';

  /**
   * Episodes of one harness.
   *
   * @param first the id of the first of them, by which the store finds what was played with it
   * @param harness content hash of the harness
   * @param outcomes a sign for each, in the order of ids: {@code +} solved, {@code -} not solved,
   *     {@code x} broken for reasons outside the agent
   */
  public record Side(String first, String harness, String outcomes) {
    static Side of(RolloutResult played) {
      List<StoredEpisode> episodes =
          Stream.<StoredEpisode>concat(
                  played.trajectories().stream().map(StoredEpisode.Judged::new),
                  played.failures().stream().map(StoredEpisode.Broken::new))
              .sorted(Comparator.comparing(StoredEpisode::id))
              .toList();
      return of(episodes);
    }

    /** What the ledger says of these episodes, which are in the order of ids. */
    static Side of(List<StoredEpisode> episodes) {
      return new Side(
          episodes.getFirst().id(),
          harnessOf(episodes.getFirst()),
          episodes.stream()
              .map(episode -> String.valueOf(sign(episode)))
              .collect(Collectors.joining()));
    }
  }

  static PlayedBatch of(RolloutResult incumbent, RolloutResult candidate, boolean chosen) {
    return new PlayedBatch(Side.of(incumbent), Side.of(candidate), chosen);
  }

  static String harnessOf(StoredEpisode episode) {
    return switch (episode) {
      case StoredEpisode.Judged(Trajectory trajectory) -> trajectory.harnessHash();
      case StoredEpisode.Broken(var failure) -> failure.harnessHash();
    };
  }

  static char sign(StoredEpisode episode) {
    return switch (episode) {
      case StoredEpisode.Judged(Trajectory trajectory) ->
          trajectory.verdict().success() ? SOLVED : FAILED;
      case StoredEpisode.Broken ignored -> BROKEN;
    };
  }

  static String word(char sign) {
    return switch (sign) {
      case SOLVED -> "solved";
      case FAILED -> "not solved";
      case BROKEN -> "broken";
      default -> "'" + sign + "'";
    };
  }
}
