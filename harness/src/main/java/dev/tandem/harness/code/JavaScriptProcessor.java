package dev.tandem.harness.code;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.GaveUpException;
import dev.tandem.harness.spi.PassedOverException;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * JavaScript as a processor: {@code code} is the body of a function of {@code event}, a plain
 * object as {@link EventJson} describes it, and {@code state}, an object of the episode's own that
 * is kept from call to call and lost with the episode. It returns what {@link OutcomeJson}
 * describes.
 *
 * <p>Name, hooks, order, group and the rest of a processor's metadata are parameters, so that a
 * harness may hold any number of them. A search does not put one in by itself: it would have to
 * write the code first.
 */
public final class JavaScriptProcessor implements Processor {
  private static final String NAME = "[a-z][a-z0-9_]*";

  /** The type to register. */
  public static final ProcessorType TYPE =
      new ProcessorType(
              "javascript",
              "Runs JavaScript in a worker process.",
              "javascript",
              Dimension.CONTROL_AND_SAFETY,
              EnumSet.allOf(Hook.class),
              ProcessorType.NORMAL,
              List.of(),
              Set.of(),
              List.of(
                  new Parameter.Text("name", ""),
                  new Parameter.Text("code", ""),
                  new Parameter.Texts("hooks", List.of()),
                  new Parameter.Choice("fail", "pass", List.of("pass", "fail")),
                  new Parameter.Text("group", ""),
                  new Parameter.Count("order", ProcessorType.NORMAL, -1000, 1000),
                  new Parameter.Texts("after", List.of()),
                  new Parameter.Choice(
                      "dimension",
                      id(Dimension.CONTROL_AND_SAFETY),
                      // Code may do more than look on, and is hashed; what only looks on is not.
                      Stream.of(Dimension.values())
                          .filter(dimension -> !dimension.observes())
                          .map(JavaScriptProcessor::id)
                          .toList()),
                  new Parameter.Texts("addresses", List.of()),
                  new Parameter.Count("statements", 100_000, 1_000, 10_000_000),
                  new Parameter.Label("summary", "")),
              JavaScriptProcessor::new)
          .requiring(Requirement.AUTHOR)
          .refinedBy(JavaScriptProcessor::refine);

  private final String name;
  private final CodeSource source;
  private final boolean passes;
  private final CodeWorkers workers;
  private String state = "{}";

  private JavaScriptProcessor(ProcessorType.Arguments arguments) {
    name = arguments.text("name");
    source = new CodeSource(arguments.text("code"), arguments.count("statements"));
    passes = arguments.text("fail").equals("pass");
    Slots.Sandbox sandbox = arguments.services().find(Slots.class).orElse(Slots.DEFAULT).sandbox();
    if (sandbox == Slots.Sandbox.FORBIDDEN) {
      throw new HarnessException(
          "processor '%s' is code and the slot 'sandbox' forbids code: remove one of them"
              .formatted(name));
    }
    workers = arguments.services().find(CodeWorkers.class).orElseGet(CodeWorkers::shared);
    if (sandbox == Slots.Sandbox.ISOLATED && !workers.isIsolated()) {
      throw new HarnessException(
          "processor '%s' needs an isolated worker and there is none here: install bubblewrap (bwrap), with user name spaces allowed, or set the slot 'sandbox' to worker"
              .formatted(name));
    }
  }

  /** The type of one piece of code. */
  private static ProcessorType refine(ProcessorType declared, ProcessorType.Arguments arguments) {
    List<String> problems = new ArrayList<>();
    String name = arguments.text("name");
    if (!name.matches(NAME)) {
      problems.add(
          "'javascript': name must be lower-case letters, digits and _, was '%s'".formatted(name));
    }
    if (arguments.text("code").isBlank()) {
      problems.add("'javascript' processor '%s' has no code".formatted(name));
    }
    Set<Hook> hooks = values(Hook.class, "hooks", arguments, problems);
    if (arguments.texts("hooks").isEmpty()) {
      problems.add("'javascript' processor '%s' has no hooks: name at least one".formatted(name));
    }
    Set<FailureCategory> addresses = addresses(arguments.texts("addresses"), problems);
    if (!problems.isEmpty()) {
      throw new HarnessException(problems);
    }
    String group = arguments.text("group");
    String summary = arguments.text("summary");
    return new ProcessorType(
        name,
        summary.isEmpty() ? declared.summary() : summary,
        group.isEmpty() ? name : group,
        Dimension.valueOf(arguments.text("dimension").toUpperCase(Locale.ROOT)),
        hooks,
        arguments.count("order"),
        arguments.texts("after"),
        addresses,
        declared.parameters(),
        declared.factory());
  }

  private static Set<FailureCategory> addresses(List<String> texts, List<String> problems) {
    Set<FailureCategory> categories = new TreeSet<>();
    for (String text : texts) {
      try {
        categories.add(FailureCategory.of(text));
      } catch (IllegalArgumentException e) {
        problems.add("'javascript': %s".formatted(e.getMessage()));
      }
    }
    return categories;
  }

  private static <E extends Enum<E>> Set<E> values(
      Class<E> type, String parameter, ProcessorType.Arguments arguments, List<String> problems) {
    List<String> known =
        Arrays.stream(type.getEnumConstants()).map(JavaScriptProcessor::id).toList();
    Set<E> values = EnumSet.noneOf(type);
    for (String text : arguments.texts(parameter)) {
      if (known.contains(text)) {
        values.add(type.getEnumConstants()[known.indexOf(text)]);
      } else {
        problems.add("'javascript': %s must be of %s, had '%s'".formatted(parameter, known, text));
      }
    }
    return values;
  }

  private static String id(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Outcome on(Event event) {
    try {
      // A lost worker is left to end the episode: whether one is lost depends on the machine.
      return switch (workers.call(source, EventJson.write(event), state)) {
        case CodeAnswer.Returned(String outcome, String left) -> {
          Outcome read = OutcomeJson.read(outcome, name, event);
          state = left;
          yield read;
        }
        case CodeAnswer.Failed(String reason) -> throw new CodeFailureException(reason);
      };
    } catch (CodeFailureException e) {
      if (passes) {
        throw new PassedOverException(e.reason());
      }
      throw new GaveUpException(e.reason());
    }
  }
}
