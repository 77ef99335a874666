package dev.tandem.aegis;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.aegis.critique.Prediction.Score;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.Risk;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.LandscapeSummary;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.Lever;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Something that evolution decided in a round: an entry of the ledger, and a line for people. */
public sealed interface Decision {
  /** The kind of ledger entry. */
  default String kind() {
    return switch (this) {
      case Digested ignored -> "digested";
      case Proposed ignored -> "proposed";
      case Refused ignored -> "refused";
      case Screened ignored -> "screened";
      case Scored ignored -> "scored";
      case Reverted ignored -> "reverted";
      case Concerned ignored -> "concerned";
      case Bundled ignored -> "bundled";
      case Shipped ignored -> "shipped";
      case Rejected ignored -> "rejected";
      case Bisected ignored -> "bisected";
      case Awaiting ignored -> "awaiting";
      case Approved ignored -> "approved";
      case Declined ignored -> "declined";
      case Forked ignored -> "forked";
      case Retired ignored -> "retired";
      case Idle ignored -> "idle";
    };
  }

  /** One line for people. */
  String line();

  /** What the incumbent's training episodes say, and what stands from earlier rounds. */
  record Digested(LandscapeSummary landscape) implements Decision {
    static Digested of(Landscape landscape) {
      return new Digested(landscape.summary());
    }

    @Override
    public String line() {
      return "%d of %d training episodes under the incumbent succeeded; failures: %s; %d regressions"
          .formatted(
              landscape.successes(),
              landscape.attempts(),
              landscape.blame().entrySet().stream()
                  .map(entry -> "%s %.1f".formatted(entry.getKey().id(), entry.getValue()))
                  .collect(Collectors.joining(", ")),
              landscape.regressions().size());
    }
  }

  /**
   * What a meta-agent brings, beyond the levers that metadata gives.
   *
   * @param levers that are taken in
   * @param dropped what is not, and why
   * @param tokens it took in this round
   * @param money it took in this round
   * @param note why there is not more; empty if there is nothing to say
   */
  record Proposed(
      List<ProposedLever> levers,
      List<MetaAgent.Dropped> dropped,
      long tokens,
      double money,
      String note)
      implements Decision {
    public Proposed {
      levers = List.copyOf(levers);
      dropped = List.copyOf(dropped);
    }

    @Override
    public String line() {
      return "the meta-agent brings %s%s%s%s"
          .formatted(
              levers.isEmpty()
                  ? "no new lever"
                  : levers.stream()
                      .map(one -> "%s (%s)".formatted(one.lever(), one.reason()))
                      .collect(Collectors.joining(", ")),
              tokens == 0 ? "" : " for %d tokens".formatted(tokens),
              dropped.isEmpty()
                  ? ""
                  : dropped.stream()
                      .map(one -> "%s: %s".formatted(one.lever(), one.reason()))
                      .collect(Collectors.joining(", ", "; not ", "")),
              note.isEmpty() ? "" : "; " + note);
    }
  }

  /**
   * A lever that may not be played, so that no episode is spent on it.
   *
   * @param edit in words
   * @param quarantined whether it crosses a red line, so that it never plays
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
   * What all episodes say of all levers.
   *
   * @param played judged episodes of the round
   * @param remembered judged episodes that the effects are estimated from
   */
  record Screened(int played, int remembered, List<LeverEffect> levers) implements Decision {
    private static final int TOLD = 3;

    public Screened {
      levers = List.copyOf(levers);
    }

    @Override
    public String line() {
      return "%d levers on %d episodes; the best: %s"
          .formatted(
              levers.size(),
              remembered,
              levers.stream()
                  .filter(one -> !one.inForce())
                  .sorted(Comparator.comparingDouble(LeverEffect::effect).reversed())
                  .limit(TOLD)
                  .map(LeverEffect::line)
                  .collect(Collectors.joining(", ")));
    }
  }

  /**
   * A prediction is held against what came later.
   *
   * @param candidate the bundle it was made for
   * @param cluster where, empty for overall
   */
  record Scored(String candidate, String cluster, Effect predicted, Effect seen, Score score)
      implements Decision {
    @Override
    public String line() {
      return String.format(
          Locale.ROOT,
          "%s was to bring %+.1f points%s and brings %+.1f: the prediction %s",
          candidate,
          100 * predicted.mean(),
          cluster.isEmpty() ? "" : " in " + cluster,
          100 * seen.mean(),
          score == Score.CAME_TRUE ? "came true" : "failed");
    }
  }

  /**
   * A lever of the incumbent has turned harmful, or games the verifier, and is taken out.
   *
   * @param from content hash of the harness with it
   * @param to content hash of the incumbent now
   * @param effect of having it on success
   * @param window rounds looked at
   * @param gaming what it does to the verifier; null if it is merely harmful
   * @param clusters the kinds of task that its variant serves; null for the default's
   */
  record Reverted(
      String from,
      String to,
      Lever lever,
      Effect effect,
      int window,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String gaming,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> clusters)
      implements Decision {
    /** Of the default, for harm. */
    public Reverted(String from, String to, Lever lever, Effect effect, int window) {
      this(from, to, lever, effect, window, null, null);
    }

    @Override
    public String line() {
      return gaming == null
          ? String.format(
              Locale.ROOT,
              "%s%s is taken out: it costs %.1f points by the episodes of the last %d rounds with"
                  + " and without it",
              told(clusters),
              lever,
              -100 * effect.mean(),
              window)
          : "%s%s is taken out: %s, by the episodes of the last %d rounds with and without it"
              .formatted(told(clusters), lever, gaming, window);
    }
  }

  /** A lever is blocked, or cannot be taken out. */
  record Concerned(Lever lever, String reason) implements Decision {
    @Override
    public String line() {
      return "strategy concern: %s: %s".formatted(lever, reason);
    }
  }

  /** Which variant a line is about. */
  private static String told(@Nullable List<String> clusters) {
    return clusters == null ? "" : "for %s: ".formatted(String.join(", ", clusters));
  }

  /**
   * What goes to the gate.
   *
   * @param levers its changes, the surest first
   * @param clusters the kinds of task that it is meant for alone; null if for all that have no
   *     variant
   */
  record Bundled(
      Manifest manifest,
      List<LeverEffect> levers,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> clusters)
      implements Decision {
    public Bundled {
      levers = List.copyOf(levers);
    }

    /** For all tasks that have no variant. */
    public Bundled(Manifest manifest, List<LeverEffect> levers) {
      this(manifest, levers, null);
    }

    @Override
    public String line() {
      return "%s%s goes to the gate: %s (%s)"
          .formatted(
              told(clusters),
              manifest.id(),
              String.join("; ", manifest.changes()),
              levers.stream().map(LeverEffect::line).collect(Collectors.joining(", ")));
    }
  }

  private static String ships(String candidate, LogicMap map) {
    return "%s ships: %s (%d won, %d lost in %d pairs)"
        .formatted(
            candidate,
            String.join("; ", map.changes()),
            map.proof().wins(),
            map.proof().losses(),
            map.proof().pairs());
  }

  /**
   * The bundle is part of the incumbent now.
   *
   * @param harness content hash of the new incumbent
   * @param map why
   */
  record Shipped(String candidate, String harness, LogicMap map) implements Decision {
    @Override
    public String line() {
      return ships(candidate, map);
    }
  }

  /**
   * The bundle is in force for some kinds of task: a variant begins, or is another one now.
   *
   * @param variant that serves them from now on, under the bundle's id if it is new
   * @param clusters these kinds of task
   * @param harness content hash of the variant's harness
   * @param map why
   */
  record Forked(
      String candidate, String variant, List<String> clusters, String harness, LogicMap map)
      implements Decision {
    public Forked {
      clusters = List.copyOf(clusters);
    }

    @Override
    public String line() {
      return told(clusters) + ships(candidate, map);
    }
  }

  /**
   * A variant goes: its tasks are the default's again.
   *
   * @param clusters the kinds of task that it served
   * @param from content hash of its harness
   * @param to content hash of the default's
   * @param effect of having it instead of the default, on its own tasks
   * @param window rounds looked at
   * @param successor the fork that takes its place where all were taken; null if it goes for its
   *     own sake
   */
  record Retired(
      String variant,
      List<String> clusters,
      String from,
      String to,
      Effect effect,
      int window,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String successor)
      implements Decision {
    public Retired {
      clusters = List.copyOf(clusters);
    }

    /** That beats the default no more. */
    public Retired(
        String variant, List<String> clusters, String from, String to, Effect effect, int window) {
      this(variant, clusters, from, to, effect, window, null);
    }

    @Override
    public String line() {
      if (successor != null) {
        return String.format(
            Locale.ROOT,
            "%svariant %s gives its place to %s, for it is worth least: it brings %+.1f points over"
                + " the default by the episodes of the last %d rounds",
            told(clusters),
            variant,
            successor,
            100 * effect.mean(),
            window);
      }
      return from.equals(to)
          ? "%svariant %s is what the default is, and is merged back"
              .formatted(told(clusters), variant)
          : String.format(
              Locale.ROOT,
              "%svariant %s is merged back: it brings %+.1f points over the default by the"
                  + " episodes of the last %d rounds",
              told(clusters),
              variant,
              100 * effect.mean(),
              window);
    }
  }

  /**
   * The gate refused the bundle.
   *
   * @param quarantined whether it crossed a red line
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

  /** A rejected bundle is taken apart; the first half is tried next. */
  record Bisected(List<Lever> first, List<Lever> second) implements Decision {
    public Bisected {
      first = List.copyOf(first);
      second = List.copyOf(second);
    }

    @Override
    public String line() {
      return "bisected into %s and %s".formatted(first, second);
    }
  }

  /**
   * The bundle has passed the gate, and a person is asked.
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

  /** A person let the bundle ship. */
  record Approved(String candidate, String by, String at, String note) implements Decision {
    @Override
    public String line() {
      return "%s is approved by %s, %s%s"
          .formatted(candidate, by, at, note.isEmpty() ? "" : ": " + note);
    }
  }

  /** A person refused the bundle. */
  record Declined(String candidate, String by, String at, String note) implements Decision {
    @Override
    public String line() {
      return "%s is rejected by %s, %s%s"
          .formatted(candidate, by, at, note.isEmpty() ? "" : ": " + note);
    }
  }

  /** Nothing is tested in this round, or nothing more. */
  record Idle(String reason) implements Decision {
    @Override
    public String line() {
      return "no test: " + reason;
    }
  }
}
