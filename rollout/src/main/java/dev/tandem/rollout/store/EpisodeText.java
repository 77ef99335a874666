package dev.tandem.rollout.store;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An episode as a person wants to read it: step by step what the agent saw that was new, what it
 * said, what processors changed, and what came of it.
 */
public final class EpisodeText {
  private static final int SHORT_HASH = 12;

  private EpisodeText() {}

  /**
   * A part of an episode.
   *
   * @param step step of the episode; -1 for what concerns all of it
   * @param label who or what it is of, such as {@code user} or {@code says}
   * @param text may have several lines
   */
  public record Passage(int step, String label, String text) {}

  /** What is told of an episode, in order. */
  public static List<Passage> passages(StoredEpisode episode) {
    return switch (episode) {
      case StoredEpisode.Judged(Trajectory trajectory) -> passages(trajectory);
      case StoredEpisode.Broken(FailedEpisode failure) ->
          List.of(
              new Passage(-1, "task", failure.task().key()),
              new Passage(-1, "harness", failure.harnessHash()),
              new Passage(
                  -1,
                  "broken",
                  "%s after %d attempts: %s"
                      .formatted(words(failure.reason()), failure.attempts(), failure.detail())));
    };
  }

  private static List<Passage> passages(Trajectory trajectory) {
    List<Passage> passages = new ArrayList<>();
    Episode episode = trajectory.episode();
    passages.add(
        new Passage(
            -1,
            "task",
            "%s (%s, %s split)"
                .formatted(
                    trajectory.task().key(),
                    trajectory.task().category(),
                    trajectory.task().split().id())));
    passages.add(
        new Passage(
            -1,
            "agent",
            "weights %s, harness %s, seed %d"
                .formatted(trajectory.checkpoint(), trajectory.harnessHash(), trajectory.seed())));
    if (!episode.steps().isEmpty()) {
      passages.add(new Passage(-1, "goal", episode.steps().getFirst().before().goal()));
    }
    News news = new News();
    for (int index : indices(episode)) {
      tellStep(episode, index, news, passages);
    }
    passages.add(new Passage(-1, "verdict", verdict(trajectory.verdict())));
    passages.add(
        new Passage(
            -1,
            "ended",
            words(episode.exitReason())
                + (episode.detail().isEmpty() ? "" : ": " + episode.detail())));
    return passages;
  }

  private static SortedSet<Integer> indices(Episode episode) {
    SortedSet<Integer> indices = new TreeSet<>();
    episode.turns().forEach(turn -> indices.add(turn.step()));
    episode.steps().forEach(step -> indices.add(step.index()));
    episode.triggers().forEach(trigger -> indices.add(trigger.step()));
    episode.swaps().forEach(swap -> indices.add(swap.step()));
    return indices;
  }

  private static void tellStep(Episode episode, int index, News news, List<Passage> passages) {
    for (Turn turn : episode.turns()) {
      if (turn.step() == index) {
        for (Message message : news.of(turn)) {
          passages.add(
              new Passage(
                  index, message.role().name().toLowerCase(Locale.ROOT), message.content()));
        }
        passages.add(new Passage(index, turn.discarded() ? "discarded" : "says", said(turn)));
      }
    }
    String changes =
        episode.triggers().stream()
            .filter(trigger -> trigger.step() == index)
            .map(EpisodeText::change)
            .distinct()
            .collect(Collectors.joining("\n"));
    if (!changes.isEmpty()) {
      passages.add(new Passage(index, "changed", changes));
    }
    for (Step step : episode.steps()) {
      if (step.index() == index) {
        passages.add(new Passage(index, step.executed() ? "does" : "blocked", action(step)));
        passages.add(new Passage(index, "leads to", outcome(step)));
      }
    }
    for (Swap swap : episode.swaps()) {
      if (swap.step() == index) {
        passages.add(new Passage(index, "swap", swap(swap)));
      }
    }
  }

  /** What of the messages that a turn saw had not been told before. */
  private static final class News {
    private final Set<Message> told = new HashSet<>();
    private final Set<String> said = new HashSet<>();
    private String last = "";

    List<Message> of(Turn turn) {
      List<Message> fresh = new ArrayList<>();
      for (int i = 0; i < turn.messages().size(); i++) {
        Message message = turn.messages().get(i);
        boolean newest = i == turn.messages().size() - 1;
        // A message of the past was told when it was the newest, perhaps with a note added then.
        boolean repeated =
            told.contains(message)
                || (!newest && !last.isEmpty() && last.contains(message.content()))
                || (message.role() == Message.Role.ASSISTANT && said.contains(message.content()));
        if (newest || !repeated) {
          fresh.add(message);
        }
        told.add(message);
      }
      said.add(turn.text());
      last = turn.messages().isEmpty() ? "" : turn.messages().getLast().content();
      return fresh;
    }
  }

  private static String said(Turn turn) {
    List<String> parts = new ArrayList<>();
    if (!turn.text().isEmpty() || turn.toolUses().isEmpty()) {
      parts.add(turn.text().isEmpty() ? "(nothing)" : turn.text());
    }
    for (ToolUse use : turn.toolUses()) {
      parts.add("%s %s".formatted(use.tool(), use.input()));
    }
    return String.join("\n", parts);
  }

  private static String change(Trigger trigger) {
    return "%s: %s at %s".formatted(trigger.processor(), trigger.field(), trigger.hook().id());
  }

  private static String action(Step step) {
    return step.tool().equals(ToolUse.COMMAND)
        ? step.action()
        : "%s %s".formatted(step.tool(), step.action());
  }

  private static String outcome(Step step) {
    Observation after = step.after();
    return after.text() + (after.effective() ? "" : "\n(it changed nothing)");
  }

  private static String swap(Swap swap) {
    String wish = "%s asks for %s (%s)".formatted(swap.processor(), swap.target(), swap.reason());
    return swap.happened()
        ? "%s: %s becomes %s".formatted(wish, brief(swap.from()), brief(swap.to()))
        : "%s: refused, %s".formatted(wish, swap.refusal());
  }

  private static String verdict(Verdict verdict) {
    StringBuilder text =
        new StringBuilder(
            "%s (strict %s, lenient %s)"
                .formatted(
                    verdict.success() ? "success" : "failed", verdict.strict(), verdict.lenient()));
    verdict
        .components()
        .forEach((name, value) -> text.append("\n%s %s".formatted(name.replace('_', ' '), value)));
    verdict.exploitFlags().forEach(flag -> text.append("\nexploit: ").append(flag));
    return text.toString();
  }

  private static String words(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String brief(String hash) {
    return hash.substring(0, Math.min(SHORT_HASH, hash.length()));
  }

  /**
   * The passages as a page.
   *
   * @param width columns to keep within, at least 40
   */
  public static String page(StoredEpisode episode, int width) {
    StringBuilder page = new StringBuilder(episode.id()).append('\n');
    int step = -1;
    for (Passage passage : passages(episode)) {
      if (passage.step() != step) {
        step = passage.step();
        page.append(step < 0 ? "\n" : "%nstep %d%n".formatted(step));
      }
      String label = "  %-10s".formatted(passage.label());
      String margin = label;
      for (String line : wrapped(passage.text(), width - label.length())) {
        page.append((margin + line).stripTrailing()).append('\n');
        margin = " ".repeat(label.length());
      }
    }
    return page.toString().stripTrailing();
  }

  /** Lines no longer than a width, broken between words where there are any. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String rest = line.stripTrailing();
      while (rest.length() > width) {
        int space = rest.lastIndexOf(' ', width);
        int end = space > 0 ? space : width;
        lines.add(rest.substring(0, end).stripTrailing());
        rest = rest.substring(end).stripLeading();
      }
      lines.add(rest);
    }
    return lines.isEmpty() ? List.of("") : lines;
  }
}
