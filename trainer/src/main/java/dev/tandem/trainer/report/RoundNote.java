package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is known about a turn of the curves: whoever sees one fall asks why, and often the run
 * knows.
 *
 * @param html a sentence or two
 */
record RoundNote(int round, String html) {
  /** Falls of a rate that are worth a word. */
  private static final double NOTEWORTHY = 0.02;

  /** Notes in the order of rounds. */
  static List<RoundNote> of(RunData run, HarnessHistory history) {
    List<RoundNote> notes = new ArrayList<>();
    OptionalDouble trainBefore = OptionalDouble.empty();
    Optional<ObjectNode> sealedBefore = Optional.empty();
    boolean trains = run.mode().equals("model") || run.mode().equals("coevolve");
    for (ObjectNode round : run.rounds()) {
      List<String> said = new ArrayList<>();
      poisoned(round).ifPresent(said::add);
      trainFall(round, trainBefore).ifPresent(said::add);
      sealedBefore.flatMap(before -> sealedFall(round, before)).ifPresent(said::add);
      takenBack(round, history).ifPresent(said::add);
      if (trains && Curves.number(round, "reward").isPresent() && !Curves.trained(round)) {
        said.add(
            "Nothing was trained: in every group all attempts scored alike, so no %s differs from 0."
                .formatted(Glossary.link("advantage")));
      }
      if (!said.isEmpty()) {
        int number = RunData.number(round);
        notes.add(
            new RoundNote(number, "<b>Round %d.</b> %s".formatted(number, String.join(" ", said))));
      }
      trainBefore = later(Curves.number(round, "train_success"), trainBefore);
      if (round.path("sealed").isObject()) {
        sealedBefore = Optional.of(round);
      }
    }
    return List.copyOf(notes);
  }

  private static OptionalDouble later(OptionalDouble now, OptionalDouble before) {
    return now.isPresent() ? now : before;
  }

  private static Optional<String> poisoned(JsonNode round) {
    JsonNode why = round.path("poisoned");
    return why.isTextual()
        ? Optional.of(
            "It is %s and changed nothing, so its points are missing: %s."
                .formatted(
                    Glossary.link("poisoned"), Html.text(why.textValue().replaceFirst("\\.$", ""))))
        : Optional.empty();
  }

  /** The harnesses of the screen may pull down what all did together. */
  private static Optional<String> trainFall(JsonNode round, OptionalDouble before) {
    OptionalDouble train = Curves.number(round, "train_success");
    OptionalDouble incumbent = Curves.number(round, "incumbent_success");
    OptionalDouble screen = Curves.number(round, "screen_success");
    if (train.isEmpty()
        || before.isEmpty()
        || before.getAsDouble() - train.getAsDouble() < NOTEWORTHY
        || incumbent.isEmpty()
        || screen.isEmpty()
        || incumbent.getAsDouble() - screen.getAsDouble() < NOTEWORTHY) {
      return Optional.empty();
    }
    return Optional.of(
        "Train success fell to %s because the %s solved %s of its episodes; the %s solved %s."
            .formatted(
                Figures.percent(train.getAsDouble()),
                Glossary.link("screen"),
                Figures.percent(screen.getAsDouble()),
                Glossary.link("incumbent"),
                Figures.percent(incumbent.getAsDouble())));
  }

  private static Optional<String> sealedFall(JsonNode round, JsonNode roundBefore) {
    JsonNode now = round.path("sealed");
    JsonNode before = roundBefore.path("sealed");
    double fall = before.path("success").asDouble() - now.path("success").asDouble();
    if (!now.path("success").isNumber() || fall < NOTEWORTHY) {
      return Optional.empty();
    }
    String movement =
        "Sealed success fell from %s to %s, measured on %s and %s episodes; "
            .formatted(
                Figures.percent(before.path("success").asDouble()),
                Figures.percent(now.path("success").asDouble()),
                Figures.count(before.path("episodes").asLong()),
                Figures.count(now.path("episodes").asLong()));
    boolean overlap = now.path("high").asDouble(1) >= before.path("low").asDouble(0);
    return Optional.of(
        movement
            + (overlap
                ? "the intervals overlap, so it may be chance."
                : "the intervals do not overlap: chance alone hardly does that."));
  }

  private static Optional<String> takenBack(JsonNode round, HarnessHistory history) {
    return history.versions().stream()
        .filter(version -> version.round() == RunData.number(round))
        .filter(HarnessHistory.TakenBack.class::isInstance)
        .findFirst()
        .map(
            version ->
                "After it a lever was taken out (v%d): it had turned harmful (%s)."
                    .formatted(version.number(), Glossary.link("drift")));
  }
}
