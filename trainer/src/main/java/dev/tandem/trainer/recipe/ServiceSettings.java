package dev.tandem.trainer.recipe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What processors share with the world around them. Folders and files to read are relative to the
 * recipe's folder, files to write to the run's.
 *
 * @param memory for retrieval_memory: a file of lessons from earlier episodes, one JSON object
 *     {@code {"goal": .., "text": ..}} a line, oldest first
 * @param skills for skill_documents: a folder of text files; a file's name without its ending is
 *     the skill's name, its first line the title
 * @param completionCheck for verifier_bridge: a tool that is used without input; what it says when
 *     it fails is what is missing
 * @param traceLog for trace_log: file of every event
 * @param metrics for episode_metrics: file of every episode in numbers
 * @param turns for training_bridge: file of every model call's tokens
 * @param telemetry for telemetry_spans: whether spans go to this process's OpenTelemetry
 */
public record ServiceSettings(
    @Nullable Path memory,
    @Nullable Path skills,
    @Nullable String completionCheck,
    @Nullable Path traceLog,
    @Nullable Path metrics,
    @Nullable Path turns,
    boolean telemetry) {
  public static final ServiceSettings DEFAULTS =
      new ServiceSettings(null, null, null, null, null, null, false);
}
