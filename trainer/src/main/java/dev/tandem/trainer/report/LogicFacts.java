package dev.tandem.trainer.report;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The answers of a logic map, in words. */
final class LogicFacts {
  private LogicFacts() {}

  /** A harness as its processors, in order. */
  static String harness(HarnessConfig harness) {
    return harness.processors().isEmpty()
        ? "no processors"
        : harness.processors().stream()
            .map(LogicFacts::processor)
            .map(Html::text)
            .collect(
                Collectors.joining(
                    "</span><span class=\"chip\">", "<span class=\"chip\">", "</span>"));
  }

  private static String processor(ProcessorSpec processor) {
    return processor.parameters().isEmpty()
        ? processor.type()
        : processor.type()
            + processor.parameters().entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .collect(Collectors.joining(", ", "(", ")"));
  }

  /**
   * Where something happened, one chip an episode.
   *
   * @param name an episode's id as HTML, linked where the page has it
   */
  static String anchors(List<Anchor> anchors, UnaryOperator<String> name) {
    Map<String, List<Integer>> steps = new LinkedHashMap<>();
    for (Anchor anchor : anchors) {
      steps.computeIfAbsent(anchor.trajectory(), id -> new ArrayList<>()).add(anchor.step());
    }
    return steps.entrySet().stream()
        .map(
            episode ->
                "<span class=\"chip\">%s %s %s</span>"
                    .formatted(
                        name.apply(episode.getKey()),
                        episode.getValue().size() == 1 ? "step" : "steps",
                        episode.getValue().stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "))))
        .collect(Collectors.joining());
  }

  /** What was predicted, overall first, and what became of it. */
  static String predictions(List<Prediction> predictions, List<Decision.Scored> scored) {
    return predictions.stream()
        .map(
            one ->
                "%s <b>%s</b> points [%s, %s]%s"
                    .formatted(
                        one.cluster().isEmpty() ? "overall" : Html.text(Html.words(one.cluster())),
                        Forest.points(one.effect().mean()),
                        Forest.points(one.low()),
                        Forest.points(one.high()),
                        outcome(one, scored)))
        .collect(Collectors.joining("<br>"));
  }

  private static String outcome(Prediction prediction, List<Decision.Scored> scored) {
    return scored.stream()
        .filter(one -> one.cluster().equals(prediction.cluster()))
        .findFirst()
        .map(
            one ->
                one.score() == Prediction.Score.CAME_TRUE
                    ? " <span class=\"good-text\">came true: %s seen</span>"
                        .formatted(Forest.points(one.seen().mean()))
                    : " <span class=\"bad-text\">failed: %s seen, %s than that</span>"
                        .formatted(
                            Forest.points(one.seen().mean()),
                            one.seen().mean() > prediction.effect().mean() ? "more" : "less"))
        .orElse(" (not known yet)");
  }

  /** How the edit did in pairs of gate episodes. */
  static String proof(Proof proof) {
    String text =
        "<strong>%d won, %d lost</strong> in %d %s of gate episodes"
            .formatted(proof.wins(), proof.losses(), proof.pairs(), Glossary.link("pair", "pairs"));
    if (proof.alpha() > 0) {
      text +=
          "; %s %s, %s needed"
              .formatted(
                  Glossary.link("e-value"),
                  Figures.number(proof.eValue()),
                  Figures.number(1 / proof.alpha()));
    }
    return proof.categories().isEmpty()
        ? text
        : "%s<div class=\"aside-facts\">won : lost by kind of task: %s</div>"
            .formatted(
                text,
                proof.categories().stream()
                    .map(
                        one ->
                            "%s %d\u00a0:\u00a0%d of %d"
                                .formatted(
                                    Html.text(Html.words(one.category())),
                                    one.wins(),
                                    one.losses(),
                                    one.pairs()))
                    .collect(Collectors.joining(", ")));
  }

  /** Wins to losses of pairs, or a dash when it did not come to that. */
  static String score(@Nullable Proof proof) {
    return proof == null
        ? "\u2013"
        : "%d\u00a0:\u00a0%d <span class=\"hash\">of\u00a0%d</span>"
            .formatted(proof.wins(), proof.losses(), proof.pairs());
  }
}
