package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.processor.observability.EpisodeMetrics;
import dev.tandem.harness.processor.observability.EventSink;
import dev.tandem.harness.processor.observability.JsonLines;
import dev.tandem.harness.processor.training.TurnRecord;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.ObserverFailure;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ProcessorSpec;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processors that look on: what they see, and that they change nothing. */
final class ObserversTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final Budget BUDGET = new Budget(4, 2, 1_000_000);

  /** Has the first response of each step asked again. */
  private static final ProcessorSpec RETRY = ProcessorSpec.of("parse_retry", Map.of("attempts", 1));

  private static Episode play(Services services, Model model, ProcessorSpec... processors) {
    return EpisodeRunner.run(
        Harness.compile(HarnessConfig.of(processors), ProcessorRegistry.builtIn(), services),
        new TinyHouse(),
        model,
        BUDGET,
        1);
  }

  private static ScriptedModel model() {
    return new ScriptedModel("sing", "go to shelf 1", "jump", "dance", "take mug 1 from shelf 1");
  }

  @Test
  void theTraceHasEveryEventInOrderAndItsNameOnceItIsClosed(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("trace.jsonl");
    List<JsonNode> events = new ArrayList<>();
    try (JsonLines trace = new JsonLines(file)) {
      Services services = Services.NONE.with(EventSink.class, trace);
      play(
          services, model(), ProcessorSpec.of("trace_log"), ProcessorSpec.of("step_budget_notice"));
      play(services, model(), ProcessorSpec.of("trace_log"));
      assertThat(file).doesNotExist();
    }
    for (String line : Files.readAllLines(file)) {
      events.add(new JsonMapper().readTree(line));
    }
    assertThat(events.stream().filter(line -> line.path("episode").asInt() == 1))
        .extracting(line -> line.path("event").path("hook").asText())
        .startsWith(
            "task_start",
            "step_start",
            "before_model",
            "after_model",
            "before_tool",
            "after_tool",
            "step_end",
            "step_start")
        .endsWith("task_end");
    assertThat(events.get(2).path("event").path("messages").path(0).path("content").asText())
        .as("what the model saw, notes included")
        .isEqualTo("you wake up . steps left : 4 .");
    assertThat(events).anyMatch(line -> line.path("episode").asInt() == 2);
  }

  @Test
  void tracesHaveWhatOthersInterceptAndWhatTheyLeave() {
    List<String> before = new ArrayList<>();
    play(
        Services.NONE.with(EventSink.class, () -> before::add),
        model(),
        RETRY,
        ProcessorSpec.of("trace_log", Map.of("when", "before")));
    List<String> after = new ArrayList<>();
    play(
        Services.NONE.with(EventSink.class, () -> after::add),
        model(),
        RETRY,
        ProcessorSpec.of("trace_log"));
    assertThat(before).anyMatch(line -> line.contains("\"content\":\"sing\""));
    assertThat(after).anyMatch(line -> line.contains("\"content\":\"sing\""));
    assertThat(after).hasSameSizeAs(before);
  }

  @Test
  void aResponseThatCouldNotBeAskedForAgainIsDiscardedForTrainingToo() {
    List<TurnRecord> records = new ArrayList<>();
    Harness harness =
        Harness.compile(
            HarnessConfig.of(
                ProcessorSpec.of("self_verification", Map.of("finish", List.of("sing"))),
                ProcessorSpec.of("training_bridge")),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(TurnRecord.Sink.class, () -> records::add));
    Episode episode =
        EpisodeRunner.run(harness, new TinyHouse(), model(), new Budget(2, 1, 1_000), 1);
    assertThat(records).extracting(TurnRecord::discarded).containsExactly(true, false);
    assertThat(episode.turns()).extracting(Turn::discarded).containsExactly(true, false);
  }

  @Test
  void whatAnObserverThrowsChangesNothingAndIsCounted() {
    EventSink full =
        () ->
            line -> {
              throw new UncheckedIOException("disk full", new IOException("no space left"));
            };
    EventSink neverOpen =
        () -> {
          throw new IllegalStateException("no such folder");
        };
    Episode quiet = play(Services.NONE, model(), RETRY);
    Episode episode =
        play(
            Services.NONE.with(EventSink.class, full),
            model(),
            RETRY,
            ProcessorSpec.of("trace_log"));
    Episode closed =
        play(
            Services.NONE.with(EventSink.class, neverOpen),
            model(),
            RETRY,
            ProcessorSpec.of("trace_log"));

    assertThat(episode.turns()).isEqualTo(quiet.turns());
    assertThat(episode.steps()).isEqualTo(quiet.steps());
    assertThat(episode.exitReason()).isEqualTo(quiet.exitReason());
    assertThat(episode.observerFailures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.processor()).isEqualTo("trace_log");
              assertThat(failure.where()).isEqualTo("task_start");
              assertThat(failure.reason()).contains("disk full");
              assertThat(failure.times()).isGreaterThan(20);
            });
    assertThat(closed.steps()).isEqualTo(quiet.steps());
    assertThat(closed.observerFailures())
        .containsExactly(
            new ObserverFailure(
                "trace_log", "begin", "java.lang.IllegalStateException: no such folder", 1));
  }

  @Test
  void noObserverCanChangeWhatIsTrainedOn() {
    TokenTrace tokens =
        new TokenTrace(
            new int[] {1, 2}, new int[] {3, 4}, new float[] {-1, 0}, new int[][] {{3, 5}, {4}});
    ScriptedModel words = model();
    Services vandal =
        Services.NONE.with(
            TurnRecord.Sink.class,
            () ->
                record -> {
                  record.tokens().prompt()[0] = 99;
                  record.tokens().response()[0] = 99;
                  record.tokens().logProbs()[0] = 99;
                  record.tokens().allowed()[0][0] = 99;
                });
    Episode episode =
        play(
            vandal,
            request -> new Model.Completion(words.complete(request).text(), tokens),
            ProcessorSpec.of("training_bridge"));

    assertThat(episode.turns())
        .allSatisfy(
            turn -> {
              assertThat(turn.tokens().prompt()).containsExactly(1, 2);
              assertThat(turn.tokens().response()).containsExactly(3, 4);
              assertThat(turn.tokens().logProbs()).containsExactly(-1, 0);
              assertThat(turn.tokens().allowed()).isDeepEqualTo(new int[][] {{3, 5}, {4}});
            });
  }

  @Test
  void metricsCountWhatHappened() {
    List<EpisodeMetrics> metrics = new ArrayList<>();
    play(
        Services.NONE.with(EpisodeMetrics.Sink.class, metrics::add),
        model(),
        RETRY,
        ProcessorSpec.of("episode_metrics"));
    assertThat(metrics)
        .containsExactly(new EpisodeMetrics(4, 7, 4, 0, 0, 2, 21, 7, 0, ExitReason.STEP_BUDGET));
  }

  @Test
  void trainingGetsEveryCallWithItsExactTokensAndWhetherItCounted() {
    List<TurnRecord> records = new ArrayList<>();
    ScriptedModel words = model();
    int[] calls = {0};
    Model model =
        request -> {
          int call = ++calls[0];
          TokenTrace tokens =
              new TokenTrace(
                  new int[] {1, call},
                  new int[] {call, 0},
                  new float[] {-call, 0},
                  new int[][] {{}, {0}});
          return new Model.Completion(words.complete(request).text(), tokens);
        };
    Episode episode =
        play(
            Services.NONE.with(TurnRecord.Sink.class, () -> records::add),
            model,
            RETRY,
            ProcessorSpec.of("training_bridge"));
    assertThat(records).hasSameSizeAs(episode.turns()).hasSizeGreaterThan(4);
    for (int i = 0; i < records.size(); i++) {
      Turn turn = episode.turns().get(i);
      assertThat(records.get(i).tokens()).isSameAs(turn.tokens());
      assertThat(records.get(i).step()).isEqualTo(turn.step());
      assertThat(records.get(i).discarded()).isEqualTo(turn.discarded());
      assertThat(records.get(i).mask()).containsExactly(true, false);
    }
    assertThat(records).extracting(TurnRecord::discarded).contains(true, false);
  }

  @Test
  void spansCarryTheConventionsNames() {
    InMemorySpanExporter spans = InMemorySpanExporter.create();
    List<SpanData> all;
    try (SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build()) {
      ScriptedToolUser model =
          new ScriptedToolUser(
              "done", CounterWorld.add("a", 2), ScriptedToolUser.use("nothing", "{}"));
      EpisodeRunner.run(
          Harness.compile(
              HarnessConfig.of(
                  ProcessorSpec.of("telemetry_spans", Map.of("agent", "painter", "model", "m1"))),
              ProcessorRegistry.builtIn(),
              Services.NONE.with(Tracer.class, provider.get("test"))),
          new CounterWorld(),
          model,
          BUDGET,
          1);
      all = spans.getFinishedSpanItems();
    }
    assertThat(all)
        .extracting(SpanData::getName)
        .containsExactly(
            "chat m1",
            "execute_tool add",
            "chat m1",
            "execute_tool nothing",
            "chat m1",
            "execute_tool act",
            "invoke_agent painter");
    SpanData agent = all.getLast();
    assertThat(all.subList(0, 6))
        .allSatisfy(span -> assertThat(span.getParentSpanId()).isEqualTo(agent.getSpanId()));
    assertThat(attribute(agent, "gen_ai.operation.name")).isEqualTo("invoke_agent");
    assertThat(attribute(agent, "gen_ai.agent.name")).isEqualTo("painter");
    assertThat(attribute(all.get(0), "gen_ai.request.model")).isEqualTo("m1");
    assertThat(all.get(0).getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
        .isEqualTo(100);
    assertThat(all.get(0).getAttributes().get(AttributeKey.longKey("gen_ai.usage.output_tokens")))
        .isEqualTo(10);
    assertThat(attribute(all.get(1), "gen_ai.tool.name")).isEqualTo("add");
    assertThat(attribute(all.get(1), "gen_ai.tool.call.id")).isEqualTo("a");
    assertThat(all.get(1).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(all.get(3).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attribute(all.get(3), "error.type")).isEqualTo("not_executed");
  }

  private static String attribute(SpanData span, String name) {
    return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(name)));
  }

  @Test
  void lookingOnIsNoPartOfTheHash() {
    assertThat(HarnessConfig.of(RETRY, ProcessorSpec.of("trace_log")).hash(REGISTRY))
        .isEqualTo(HarnessConfig.of(RETRY).hash(REGISTRY));
  }
}
