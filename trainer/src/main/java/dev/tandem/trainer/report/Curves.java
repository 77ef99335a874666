package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.report.Chart.Form;
import dev.tandem.trainer.report.Chart.Interval;
import dev.tandem.trainer.report.Chart.Kind;
import dev.tandem.trainer.report.Chart.Range;
import dev.tandem.trainer.report.Chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What is measured in each round, as charts. A value that a round does not have is a gap. */
final class Curves {
  private final List<ObjectNode> rounds;

  Curves(List<ObjectNode> rounds) {
    this.rounds = rounds;
  }

  /** Charts that answer one question; empty where nothing of it was measured. */
  record Group(String title, List<Chart> charts) {}

  List<Group> groups() {
    return List.of(
        new Group("What the agent achieves", filled(success())),
        new Group("How the weights move", filled(learning())),
        new Group("Where the time goes", filled(time())));
  }

  private List<Chart> success() {
    return List.of(
        chart(
            "Success by split",
            "% of episodes",
            "The model learns from train tasks, edits are decided on %s tasks, and nothing is decided on %s ones. Bars are %s."
                .formatted(
                    Glossary.link("gate"),
                    Glossary.link("sealed"),
                    Glossary.link("95% interval", "95% intervals")),
            Kind.SHARE,
            Range.SHARE,
            line("train", "c1", "train_success"),
            rate("gate", "c2", Form.POINTS, "gate"),
            rate("sealed", "c3", Form.NOW_AND_THEN, "sealed")),
        chart(
            "Incumbent and screen",
            "% of train episodes",
            "The %s is the harness in force. In the %s it plays with some of its levers changed, to learn what they do."
                .formatted(Glossary.link("incumbent"), Glossary.link("screen")),
            Kind.SHARE,
            Range.SHARE,
            line("incumbent", "c1", "incumbent_success"),
            line("screen", "c4", "screen_success")),
        chart(
            "Reward",
            "score",
            "What the verifier gives, mean of the train episodes; %s raises it."
                .formatted(Glossary.link("GRPO")),
            Kind.NUMBER,
            Range.AS_IT_COMES,
            line("mean", "c1", "reward")),
        chart(
            "Length of an episode",
            "actions",
            "Actions in the environment, mean of the train episodes.",
            Kind.NUMBER,
            Range.AS_IT_COMES,
            line("mean", "c1", "steps_mean")),
        chart(
            "Episodes that were not judged",
            "episodes",
            "They failed for reasons outside the agent, and count for nothing.",
            Kind.NUMBER,
            Range.FROM_ZERO,
            series("failed", "c2", Form.POINTS, "failed_episodes")));
  }

  private List<Chart> learning() {
    return List.of(
        chart(
            "Groups without a signal",
            "% of groups",
            "All attempts at the task scored alike, so every %s is 0 and there is nothing to learn from it."
                .formatted(Glossary.link("advantage")),
            Kind.SHARE,
            Range.FROM_ZERO,
            line("groups", "c1", "zero_variance_groups")),
        chart(
            "KL divergence",
            "nats a token",
            "How far the model is %s, and from %s."
                .formatted(
                    Glossary.link("KL to the reference", "from where it began (reference)"),
                    Glossary.link("KL to behaviour", "the one that played (behaviour)")),
            Kind.NUMBER,
            Range.FROM_ZERO,
            learnt("reference", "c2", "kl_reference"),
            learnt("behaviour", "c1", "kl_behaviour")),
        chart(
            "Entropy",
            "nats a token",
            "How undecided the model is: at 0 it always says the same. See %s."
                .formatted(Glossary.link("entropy")),
            Kind.NUMBER,
            Range.FROM_ZERO,
            learnt("mean", "c1", "entropy")),
        chart(
            "Importance ratio",
            "ratio",
            "Probability of the sampled tokens while learning over that while playing; 1 is no difference. See %s."
                .formatted(Glossary.link("importance ratio")),
            Kind.NUMBER,
            Range.AS_IT_COMES,
            learnt("mean", "c1", "ratio_mean")),
        chart(
            "Clipped tokens",
            "% of tokens",
            "Their importance ratio was out of bounds, so they pulled no further.",
            Kind.SHARE,
            Range.FROM_ZERO,
            learnt("share", "c1", "clip_fraction")),
        chart(
            "Gradient norm",
            "norm, no unit",
            "Size of the step that the data asked for, before it was limited.",
            Kind.NUMBER,
            Range.FROM_ZERO,
            learnt("before clipping", "c1", "grad_norm")),
        chart(
            "Loss",
            "loss, no unit",
            "What the optimiser lowers. No measure of progress: every round has other episodes.",
            Kind.NUMBER,
            Range.AS_IT_COMES,
            learnt("mean", "c1", "loss")));
  }

  private List<Chart> time() {
    return List.of(
        chart(
            "Tokens per second",
            "tokens a second",
            "%s that the model wrote, and that it learnt from."
                .formatted(Glossary.link("token", "Tokens")),
            Kind.NUMBER,
            Range.FROM_ZERO,
            line("sampling", "c1", "sample_tokens_per_second"),
            learnt("training", "c2", "train_tokens_per_second")),
        new Chart(
            "Seconds a round",
            "seconds",
            "Playing, learning, and deciding about the harness (%s)."
                .formatted(Glossary.link("AEGIS")),
            Kind.SECONDS,
            Range.FROM_ZERO,
            true,
            false,
            List.of(
                line("rollout", "c1", "rollout_seconds"),
                learnt("training", "c2", "train_seconds"),
                line("AEGIS", "c3", "aegis_seconds"))));
  }

  private static Chart chart(
      String title, String unit, String meaning, Kind kind, Range range, Series... series) {
    return new Chart(
        title, unit, meaning, kind, range, false, range == Range.SHARE, List.of(series));
  }

  /** Those with something to show, without the series that have nothing. */
  private static List<Chart> filled(List<Chart> charts) {
    List<Chart> filled = new ArrayList<>();
    for (Chart chart : charts) {
      List<Series> series = chart.series().stream().filter(one -> !one.isEmpty()).toList();
      if (!series.isEmpty()) {
        filled.add(
            new Chart(
                chart.title(),
                chart.unit(),
                chart.meaning(),
                chart.kind(),
                chart.range(),
                chart.stacked(),
                chart.marked(),
                series));
      }
    }
    return filled;
  }

  private Series line(String label, String colour, String key) {
    return series(label, colour, Form.LINE, key);
  }

  private Series series(String label, String colour, Form form, String key) {
    return new Series(
        label, colour, form, rounds.stream().map(round -> number(round, key)).toList(), List.of());
  }

  /** A value that a round has only if it trained: what is 0 because nothing happened is a gap. */
  private Series learnt(String label, String colour, String key) {
    return new Series(
        label,
        colour,
        Form.LINE,
        rounds.stream()
            .map(round -> trained(round) ? number(round, key) : OptionalDouble.empty())
            .toList(),
        List.of());
  }

  private Series rate(String label, String colour, Form form, String key) {
    return new Series(
        label,
        colour,
        form,
        rounds.stream().map(round -> number(round.path(key), "success")).toList(),
        rounds.stream()
            .map(round -> round.path(key))
            .map(
                rate ->
                    new Interval(
                        number(rate, "low").orElse(Double.NaN),
                        number(rate, "high").orElse(Double.NaN)))
            .toList());
  }

  /** Whether a round's optimiser learnt from any token. */
  static boolean trained(JsonNode round) {
    return round.path("tokens").asLong() > 0;
  }

  static OptionalDouble number(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
  }
}
