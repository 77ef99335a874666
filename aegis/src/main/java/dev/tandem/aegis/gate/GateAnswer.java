package dev.tandem.aegis.gate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The gate's word on a bundle. */
public sealed interface GateAnswer {
  /** The same answer, whose proof names the episodes it rests on. */
  default GateAnswer from(List<PlayedBatch> played) {
    return switch (this) {
      case Ship(Proof proof) -> new Ship(proof.from(played));
      case Fork(List<String> harmed, String reason, Proof proof) ->
          new Fork(harmed, reason, proof.from(played));
      case Reject(Check check, String reason, Proof proof) ->
          new Reject(check, reason, proof == null ? null : proof.from(played));
    };
  }

  /** The candidate becomes the incumbent. */
  record Ship(Proof proof) implements GateAnswer {}

  /** It harms some clusters and helps others: for those alone, where there are variants. */
  record Fork(List<String> harmed, String reason, Proof proof) implements GateAnswer {
    public Fork {
      harmed = List.copyOf(harmed);
    }
  }

  /**
   * The candidate is refused.
   *
   * @param check the first check that failed
   * @param reason why, in one sentence
   * @param proof the seesaw's numbers, null if it did not come to that
   */
  record Reject(Check check, String reason, @Nullable Proof proof) implements GateAnswer {}
}
