package dev.tandem.harness.processor.context;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells the facts that an environment shows beside its text, whatever they are, for the coming
 * model call alone. A family that knows what its facts mean brings a better one of the same group.
 */
public final class ObservationRenderer implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "observation_renderer",
              "Tells the facts that the environment shows beside its text.",
              Groups.RENDERER,
              Dimension.CONTEXT_ASSEMBLY,
              Set.of(Hook.BEFORE_MODEL),
              ProcessorType.PRE,
              List.of(),
              Set.of(FailureCategory.INADMISSIBLE_ACTION, FailureCategory.REPEATED_ACTION),
              List.of(new Parameter.Choice("form", "sentences", List.of("sentences", "json"))),
              arguments -> new ObservationRenderer(arguments.text("form").equals("json")))
          .requiring(Requirement.OPEN_VOCABULARY);

  private static final JsonMapper JSON = new JsonMapper();

  private final boolean json;

  private ObservationRenderer(boolean json) {
    this.json = json;
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.BeforeModel before && !before.observation().facts().isEmpty()) {
      Facts facts = before.observation().facts();
      return Notes.append(before, json ? write(facts.tree()) : sentences(facts.tree()));
    }
    return Outcome.PASS;
  }

  private static String sentences(Map<String, ?> members) {
    StringBuilder text = new StringBuilder();
    members.forEach(
        (name, value) ->
            text.append(text.isEmpty() ? "" : " ")
                .append(name)
                .append(" : ")
                .append(words(value))
                .append(" ."));
    return text.toString();
  }

  private static String words(Object value) {
    return switch (value) {
      case List<?> list when list.isEmpty() -> "nothing";
      case List<?> list -> String.join(" | ", list.stream().map(one -> words(one)).toList());
      case Map<?, ?> map ->
          String.join(
              " ",
              map.entrySet().stream()
                  .map(member -> member.getKey() + " " + words(member.getValue()))
                  .toList());
      default -> String.valueOf(value);
    };
  }

  private static String write(Map<String, ?> tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("facts are JSON", e);
    }
  }
}
