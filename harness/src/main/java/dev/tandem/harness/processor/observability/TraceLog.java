package dev.tandem.harness.processor.observability;

import dev.tandem.harness.code.EventJson;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Observers;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Writes every event down, as it arose or as the processors left it. */
public final class TraceLog implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "trace_log",
              "Writes every event to the trace: before the other processors or after them, as they"
                  + " left it.",
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
