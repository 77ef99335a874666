package dev.tandem.aegis;

import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.Risk;
import dev.tandem.aegis.plan.EditFamily;
import dev.tandem.harness.spi.FailureCategory;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Something that evolution decided in a round: an entry of the ledger, and a line for people. */
public sealed interface Decision {
  /** The kind of ledger entry. */
  default String kind() {
    return switch (this) {
      case Digested ignored -> "digested";
      case Assessed ignored -> "assessed";
      case Shipped ignored -> "shipped";
      case Rejected ignored -> "rejected";
      case Refused ignored -> "refused";
      case Awaiting ignored -> "awaiting";
      case Approved ignored -> "approved";
      case Declined ignored -> "declined";
      case Postponed ignored -> "postponed";
      case Proposed ignored -> "proposed";
      case Idle ignored -> "idle";
      case Concerned ignored -> "concerned";
      case Reverted ignored -> "reverted";
    };
  }

  /** One line for people. */
  String line();

  /**
   * What the incumbent's training episodes say.
   *
   * @param blame tasks whose failures each category is to blame for
   * @param regressions tasks that were safely solved before and are lost
   */
  record Digested(
      int attempts, int successes, SortedMap<FailureCategory, Double> blame, int regressions)
      implements Decision {
    @Override
    public String line() {
      return "%d of %d training episodes succeeded; failures: %s; %d regressions"
          .formatted(
              successes,
              attempts,
              blame.entrySet().stream()
                  .map(entry -> "%s %.1f".formatted(entry.getKey().id(), entry.getValue()))
                  .collect(Collectors.joining(", ")),
              regressions);
    }
  }

  /** The critic's word on the challenger. */
  record Assessed(String candidate, Assessment assessment) implements Decision {
    @Override
    public String line() {
      return "%s %s: %s"
          .formatted(
              candidate,
              assessment.endorsed() ? "goes to the gate" : "is rejected by the critic",
              assessment.reason());
    }
  }

  /**
   * The challenger is the incumbent now.
   *
   * @param harness content hash of the new incumbent
   * @param map why
   */
  record Shipped(String candidate, String harness, LogicMap map) implements Decision {
    @Override
    public String line() {
      return "%s ships: %s (%d won, %d lost in %d pairs)"
          .formatted(
              candidate,
              String.join("; ", map.changes()),
              map.proof().wins(),
              map.proof().losses(),
              map.proof().pairs());
    }
  }

  /**
   * The gate refused the challenger.
   *
   * @param quarantined whether it crossed a red line, so that it is never proposed again
   * @param proof the seesaw's numbers, null if it did not come to that
   */
  record Rejected(
      String candidate, Check check, String reason, boolean quarantined, @Nullable Proof proof)
      implements Decision {
    @Override
    public String line() {
      return "%s is rejected by the gate (%s): %s"
          .formatted(candidate, check.name().toLowerCase(Locale.ROOT).replace('_', ' '), reason);
    }
  }

  /**
   * A proposal that may not be played, so that no episode was spent on it.
   *
   * @param edit in words
   * @param quarantined whether it crossed a red line, so that it is never proposed again
   */
  record Refused(
      String candidate, String edit, Admission.Ground ground, String reason, boolean quarantined)
      implements Decision {
    @Override
    public String line() {
      return "%s (%s) is %s before it plays: %s"
          .formatted(candidate, edit, quarantined ? "quarantined" : "refused", reason);
    }
  }

  /**
   * The challenger has passed the gate, and a person is asked.
   *
   * @param harness content hash of what would be the incumbent
   * @param map why it would be
   */
  record Awaiting(String candidate, String harness, Risk risk, LogicMap map) implements Decision {
    @Override
    public String line() {
      return "%s has passed the gate and waits for a person, its risk being %s: %s (%d won, %d lost in %d pairs)"
          .formatted(
              candidate,
              risk.name().toLowerCase(Locale.ROOT),
              String.join("; ", map.changes()),
              map.proof().wins(),
              map.proof().losses(),
              map.proof().pairs());
    }
  }

  /** A person let the edit ship. */
  record Approved(String candidate, String by, String at, String note) implements Decision {
    @Override
    public String line() {
      return "%s is approved by %s, %s%s"
          .formatted(candidate, by, at, note.isEmpty() ? "" : ": " + note);
    }
  }

  /** A person refused the edit. */
  record Declined(String candidate, String by, String at, String note) implements Decision {
    @Override
    public String line() {
      return "%s is rejected by %s, %s%s"
          .formatted(candidate, by, at, note.isEmpty() ? "" : ": " + note);
    }
  }

  /** The challenger has not been seen in training episodes and stays one. */
  record Postponed(String candidate) implements Decision {
    @Override
    public String line() {
      return candidate + " waits: no training episode ran under it";
    }
  }

  /** The next round's challenger. */
  record Proposed(Candidate challenger, String reason) implements Decision {
    @Override
    public String line() {
      return "%s is the next challenger: %s (%s)"
          .formatted(challenger.id(), String.join("; ", challenger.manifest().changes()), reason);
    }
  }

  /** There is no challenger for the next round. */
  record Idle(String reason) implements Decision {
    @Override
    public String line() {
      return "no challenger: " + reason;
    }
  }

  /** A lever is blocked: it ships and does not do what it promises. */
  record Concerned(EditFamily family, String reason) implements Decision {
    @Override
    public String line() {
      return "strategy concern: " + reason;
    }
  }

  /**
   * Drift: the version before is the incumbent again.
   *
   * @param from content hash of the version taken back
   * @param to content hash of the incumbent now
   * @param evidence for a drop of success [nats]
   */
  record Reverted(String from, String to, double evidence) implements Decision {
    @Override
    public String line() {
      return "reverted from %s to %s: success has dropped (evidence %.1f nats)"
          .formatted(from.substring(0, 12), to.substring(0, 12), evidence);
    }
  }
}
