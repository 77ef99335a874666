package dev.tandem.trainer.equipment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.processor.evaluation.CompletionCheck;
import dev.tandem.harness.processor.memory.EpisodeMemory;
import dev.tandem.harness.processor.observability.EpisodeMetrics;
import dev.tandem.harness.processor.observability.EventSink;
import dev.tandem.harness.processor.tools.SkillLibrary;
import dev.tandem.harness.processor.training.TurnRecord;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.trainer.recipe.ServiceSettings;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** What a recipe's {@code services} give processors to work with. */
final class GivenServices {
  private static final JsonMapper JSON = new JsonMapper();

  private GivenServices() {}

  /**
   * All of them.
   *
   * @param folder of the run, where they write
   * @param closing takes what closes the files that they write
   * @throws EquipmentException when one cannot be used
   */
  static Services of(
      ServiceSettings said, List<Tool> tools, Path folder, Consumer<Runnable> closing) {
    Services services =
        tools.isEmpty()
            ? Services.NONE
            : Services.NONE.with(ToolRegistry.class, new ToolRegistry(tools));
    if (said.memory() != null) {
      services = services.with(EpisodeMemory.class, Documents.memory(said.memory()));
    }
    if (said.skills() != null) {
      services = services.with(SkillLibrary.class, Documents.skills(said.skills()));
    }
    if (said.completionCheck() != null) {
      services = services.with(CompletionCheck.class, check(said.completionCheck(), tools));
    }
    if (said.traceLog() != null) {
      LineFile file = lines("trace_log", folder.resolve(said.traceLog()), closing);
      services =
          services.with(
              EventSink.class,
              () -> {
                int episode = file.begin();
                return event ->
                    file.write("{\"episode\":%d,\"event\":%s}".formatted(episode, event));
              });
    }
    if (said.metrics() != null) {
      LineFile file = lines("metrics", folder.resolve(said.metrics()), closing);
      services = services.with(EpisodeMetrics.Sink.class, metrics -> file.write(json(metrics)));
    }
    if (said.turns() != null) {
      LineFile file = lines("turns", folder.resolve(said.turns()), closing);
      services =
          services.with(
              TurnRecord.Sink.class,
              () -> {
                int episode = file.begin();
                return turn ->
                    file.write("{\"episode\":%d,\"turn\":%s}".formatted(episode, json(turn)));
              });
    }
    return said.telemetry()
        ? services.with(Tracer.class, GlobalOpenTelemetry.getTracer("tandem"))
        : services;
  }

  private static ToolCheck check(String name, List<Tool> tools) {
    return tools.stream()
        .filter(tool -> tool.spec().name().equals(name))
        .findFirst()
        .map(ToolCheck::new)
        .orElseThrow(
            () ->
                new EquipmentException(
                    "services.completion_check: there is no tool '%s'; name one of %s, or bring it with tools.mcp"
                        .formatted(name, tools.stream().map(tool -> tool.spec().name()).toList())));
  }

  private static LineFile lines(String key, Path file, Consumer<Runnable> closing) {
    LineFile lines = new LineFile(key, file);
    closing.accept(lines::close);
    return lines;
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record could not be written as JSON", e);
    }
  }
}
