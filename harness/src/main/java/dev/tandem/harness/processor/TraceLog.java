package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.Requirement;
import dev.tandem.harness.code.EventJson;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Writes every event down, as it arose or as the processors left it. */
final class TraceLog implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
              "trace_log",
              "Writes every event to the trace: before the other processors or after them, where it"
                  + " sees only what none of them intercepted.",
              "trace_log",
              Dimension.OBSERVABILITY,
              EnumSet.allOf(Hook.class),
              Observers.LAST,
              List.of(),
              Set.of(),
              List.of(new Parameter.Choice("when", "after", List.of("before", "after"))),
              arguments -> new TraceLog(arguments.services().require(EventSink.class)))
          .requiring(Requirement.SERVICE)
          .refinedBy(
              (declared, arguments) ->
                  arguments.text("when").equals("before")
                      ? Observers.withOrder(declared, Observers.FIRST)
                      : declared);

  private final Consumer<String> trace;

  private TraceLog(EventSink sink) {
    trace = sink.begin();
  }

  @Override
  public Outcome on(Event event) {
    trace.accept(EventJson.write(event));
    return Outcome.PASS;
  }
}
