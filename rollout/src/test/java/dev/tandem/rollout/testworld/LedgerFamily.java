package dev.tandem.rollout.testworld;

import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.DeclaredTasks;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Accounts and transfers between them: tools with JSON and a final answer, an expert that uses
 * them, and no text commands, no vocabulary, no taxonomy. Its catalogue is finite.
 */
public final class LedgerFamily implements EnvironmentFamily {
  /** The family's name. */
  public static final String NAME = "ledger";

  private static final String FACTS =
      """
      {"type": "object", "required": ["bookings"], "additionalProperties": false,
       "properties": {"bookings": {"type": "integer", "minimum": 0}}}
      """;
  private static final int STEP_LIMIT = 12;

  private final TaskCatalogue tasks;

  /** 90 tasks. */
  public LedgerFamily() {
    this(90);
  }

  /** So many tasks, over all splits. */
  public LedgerFamily(int tasks) {
    this.tasks = new DeclaredTasks(IntStream.range(0, tasks).mapToObj(this::task).toList());
  }

  @Override
  public String id() {
    return NAME;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter.Count("tasks", 90, 1, 10_000));
  }

  @Override
  public EnvironmentFamily configured(Arguments arguments) {
    return new LedgerFamily(arguments.count("tasks"));
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(true, false, true, false, true);
  }

  @Override
  public TaskCatalogue tasks() {
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    return new Ledger(LedgerTask.generate(Integer.parseInt(task.id())));
  }

  @Override
  public Optional<String> factsSchema() {
    return Optional.of(FACTS);
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return Optional.of(new LedgerExpert());
  }

  private TaskSpec task(int index) {
    LedgerTask task = LedgerTask.generate(index);
    String hash = ContentHash.sha256(task.toString());
    return new TaskSpec(
        NAME,
        Integer.toString(index),
        task.kind().name().toLowerCase(Locale.ROOT),
        Split.byContent(hash),
        hash,
        STEP_LIMIT);
  }
}
