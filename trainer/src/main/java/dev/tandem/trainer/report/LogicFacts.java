package dev.tandem.trainer.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The answers of a logic map. Shapes that the ledger is known to hold (a harness, anchors, a trial,
 * a proof) are told in words; anything else is shown as it is.
 */
final class LogicFacts {
  private static final int ANCHORS_SHOWN = 6;

  private LogicFacts() {}

  static String html(JsonNode answer) {
    if (answer.path("processors").isArray()) {
      return harness(answer.path("processors"));
    }
    if (answer.path(0).has("trajectory")) {
      return anchors(answer);
    }
    if (answer.path("pairs").isNumber()) {
      return proof(answer);
    }
    return answer.path("reason").isTextual() ? trial(answer) : Html.fact(answer);
  }

  /** Wins to losses of paired episodes, or a dash when it did not come to that. */
  static String score(JsonNode proof) {
    return proof.path("pairs").isNumber()
        ? "%d : %d <span class=\"hash\">of %d</span>"
            .formatted(
                proof.path("wins").asInt(),
                proof.path("losses").asInt(),
                proof.path("pairs").asInt())
        : "\u2013";
  }

  private static String harness(JsonNode processors) {
    List<String> names = new ArrayList<>();
    for (JsonNode processor : processors) {
      JsonNode type = processor.path("type");
      names.add(type.isTextual() ? type.textValue() : processor.asText("?"));
    }
    return names.isEmpty() ? "no processors" : chips(names);
  }

  private static String anchors(JsonNode anchors) {
    List<String> places = new ArrayList<>();
    for (JsonNode anchor : anchors) {
      if (places.size() == ANCHORS_SHOWN) {
        return chips(places) + "and %d more".formatted(anchors.size() - ANCHORS_SHOWN);
      }
      places.add(
          "%s step %d".formatted(anchor.path("trajectory").asText(), anchor.path("step").asInt()));
    }
    return chips(places);
  }

  private static String proof(JsonNode proof) {
    StringBuilder text = new StringBuilder();
    text.append(
        "<strong>%d won, %d lost</strong> in %d pairs of gate episodes"
            .formatted(
                proof.path("wins").asInt(),
                proof.path("losses").asInt(),
                proof.path("pairs").asInt()));
    double alpha = proof.path("alpha").asDouble();
    if (alpha > 0 && proof.path("eValue").isNumber()) {
      text.append(
          "; e-value %s, %s needed"
              .formatted(
                  Figures.number(proof.path("eValue").doubleValue()), Figures.number(1 / alpha)));
    }
    List<String> categories = new ArrayList<>();
    for (JsonNode category : proof.path("categories")) {
      categories.add(
          "%s %d:%d of %d"
              .formatted(
                  Html.words(category.path("category").asText()),
                  category.path("wins").asInt(),
                  category.path("losses").asInt(),
                  category.path("pairs").asInt()));
    }
    return categories.isEmpty()
        ? text.toString()
        : text.append("<div class=\"aside-facts\">by kind of task: ")
            .append(Html.text(String.join(", ", categories)))
            .append("</div>")
            .toString();
  }

  private static String trial(JsonNode trial) {
    ObjectNode numbers = trial.deepCopy();
    numbers.remove(List.of("reason", "endorsed"));
    return Html.text(trial.path("reason").textValue()) + Html.fact(numbers);
  }

  private static String chips(List<String> names) {
    StringBuilder chips = new StringBuilder();
    names.forEach(
        name -> chips.append("<span class=\"chip\">").append(Html.text(name)).append("</span>"));
    return chips.toString();
  }
}
