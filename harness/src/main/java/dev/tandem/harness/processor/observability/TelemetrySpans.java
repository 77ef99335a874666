package dev.tandem.harness.processor.observability;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.processor.support.Observers;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.Parameter;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * OpenTelemetry spans under the names of the GenAI semantic conventions: {@code invoke_agent} for
 * an episode, and in it {@code chat} for each model call and {@code execute_tool} for each action.
 */
public final class TelemetrySpans implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "telemetry_spans",
              "Makes OpenTelemetry spans of episodes, model calls and actions.",
              "telemetry_spans",
              Dimension.OBSERVABILITY,
              Set.of(
                  Hook.TASK_START,
                  Hook.BEFORE_MODEL,
                  Hook.AFTER_MODEL,
                  Hook.BEFORE_TOOL,
                  Hook.AFTER_TOOL,
                  Hook.TASK_END),
              Observers.FIRST,
              List.of(),
              Set.of(),
              List.of(
                  new Parameter.Label("agent", "tandem"),
                  new Parameter.Label("model", "unknown"),
                  new Parameter.Label("provider", "tandem")),
              TelemetrySpans::new)
          .requiring(Requirement.SERVICE);

  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("gen_ai.operation.name");
  private static final AttributeKey<String> PROVIDER =
      AttributeKey.stringKey("gen_ai.provider.name");
  private static final AttributeKey<String> AGENT = AttributeKey.stringKey("gen_ai.agent.name");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<Long> INPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
  private static final AttributeKey<String> TOOL = AttributeKey.stringKey("gen_ai.tool.name");
  private static final AttributeKey<String> TOOL_TYPE = AttributeKey.stringKey("gen_ai.tool.type");
  private static final AttributeKey<String> TOOL_CALL =
      AttributeKey.stringKey("gen_ai.tool.call.id");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> EXIT_REASON =
      AttributeKey.stringKey("tandem.exit_reason");
  private static final AttributeKey<Long> STEP = AttributeKey.longKey("tandem.step");

  private final Tracer tracer;
  private final InstantSource clock;
  private final String agent;
  private final String model;
  private final String provider;

  private Span episode = Span.getInvalid();

  /** When the present model call, or the present action, began. */
  private Instant begun;

  private TelemetrySpans(ProcessorType.Arguments arguments) {
    tracer = arguments.services().require(Tracer.class);
    clock = arguments.services().find(InstantSource.class).orElseGet(InstantSource::system);
    agent = arguments.text("agent");
    model = arguments.text("model");
    provider = arguments.text("provider");
    begun = clock.instant();
  }

  @Override
  public Outcome on(Event event) {
    switch (event) {
      case Event.TaskStart _ -> beginEpisode();
      case Event.BeforeModel _, Event.ToolCall _ -> begun = clock.instant();
      case Event.ModelResponse response -> endModelCall(response);
      case Event.ToolResult result -> endAction(result);
      case Event.TaskEnd end -> {
        episode.setAttribute(EXIT_REASON, id(end.exitReason()));
        if (end.exitReason().isInfrastructure()) {
          episode.setAttribute(ERROR, id(end.exitReason())).setStatus(StatusCode.ERROR);
        }
      }
      case Event.StepStart _, Event.StepEnd _ -> {}
    }
    return Outcome.PASS;
  }

  @Override
  public void close() {
    episode.end(clock.instant());
  }

  /** Once, though task_start comes again after a swap. */
  private void beginEpisode() {
    if (!episode.getSpanContext().isValid()) {
      episode =
          start("invoke_agent", agent, SpanKind.INTERNAL, clock.instant(), Context.current())
              .setAttribute(AGENT, agent);
    }
  }

  private void endModelCall(Event.ModelResponse response) {
    Model.Completion completion = response.completion();
    Instant now = clock.instant();
    start("chat", model, SpanKind.CLIENT, begun, inEpisode())
        .setAttribute(MODEL, model)
        .setAttribute(STEP, (long) response.step())
        .setAttribute(INPUT_TOKENS, completion.usage().promptTokens())
        .setAttribute(OUTPUT_TOKENS, completion.usage().responseTokens())
        .setAttribute(FINISH_REASONS, List.of(id(completion.finish())))
        .end(now);
    // An intercepted response is asked for again at once.
    begun = now;
  }

  private void endAction(Event.ToolResult result) {
    String tool = result.call().tool();
    Span span =
        start("execute_tool", tool, SpanKind.INTERNAL, begun, inEpisode())
            .setAttribute(TOOL, tool)
            .setAttribute(TOOL_TYPE, tool.equals(ToolUse.COMMAND) ? "extension" : "function")
            .setAttribute(STEP, (long) result.step());
    if (!result.call().id().isEmpty()) {
      span.setAttribute(TOOL_CALL, result.call().id());
    }
    if (result.error() || !result.executed()) {
      span.setAttribute(ERROR, result.executed() ? "tool_failure" : "not_executed")
          .setStatus(StatusCode.ERROR);
    }
    begun = clock.instant();
    span.end(begun);
  }

  private Context inEpisode() {
    return Context.current().with(episode);
  }

  private Span start(String operation, String what, SpanKind kind, Instant at, Context parent) {
    SpanBuilder builder =
        tracer
            .spanBuilder(operation + " " + what)
            .setParent(parent)
            .setSpanKind(kind)
            .setStartTimestamp(at)
            .setAttribute(OPERATION, operation)
            .setAttribute(PROVIDER, provider);
    return builder.startSpan();
  }

  private static String id(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
