package dev.tandem.trainer.plugin;

import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import dev.tandem.rollout.spi.TaskCatalogue;
import dev.tandem.rollout.spi.Wording;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A family from a plugin. Its tasks are of {@code id@hash}, so that trajectories of changed code
 * are never taken for those of the old; the family itself sees its own name only.
 */
record OutsideFamily(EnvironmentFamily inner, String origin) implements EnvironmentFamily {
  private static final int SHOWN = 12;

  @Override
  public String id() {
    return inner.id();
  }

  @Override
  public List<Parameter> parameters() {
    return inner.parameters();
  }

  @Override
  public EnvironmentFamily configured(Arguments arguments) {
    return new OutsideFamily(inner.configured(arguments), origin);
  }

  @Override
  public Capabilities capabilities() {
    return inner.capabilities();
  }

  @Override
  public TaskCatalogue tasks() {
    return new Tasks(inner.tasks(), name());
  }

  private String name() {
    return id() + "@" + origin.substring(0, SHOWN);
  }

  /** The inner catalogue's tasks under the family's full name. */
  private record Tasks(TaskCatalogue inner, String family) implements TaskCatalogue {
    @Override
    public OptionalInt size(Split split) {
      return inner.size(split);
    }

    @Override
    public List<TaskSpec> tasks(Split split, int from, int count) {
      return inner.tasks(split, from, count).stream().map(task -> named(task, family)).toList();
    }

    @Override
    public int available(Split split, int wanted) {
      return inner.available(split, wanted);
    }
  }

  private static TaskSpec named(TaskSpec task, String family) {
    return new TaskSpec(
        family, task.id(), task.category(), task.split(), task.contentHash(), task.stepLimit());
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    return inner.open(own(task), context);
  }

  private TaskSpec own(TaskSpec task) {
    if (!task.family().equals(name())) {
      throw new IllegalArgumentException(
          "task %s is of another version of the plugin, this is %s: play it with the jar it was made with"
              .formatted(task.key(), name()));
    }
    return named(task, inner.id());
  }

  @Override
  public Optional<String> factsSchema() {
    return inner.factsSchema();
  }

  @Override
  public List<ProcessorType> processors() {
    return inner.processors().stream().map(type -> type.from(origin)).toList();
  }

  @Override
  public FailureTaxonomy failures() {
    return inner.failures();
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return inner.expert(own(task));
  }

  @Override
  public List<String> vocabulary() {
    return inner.vocabulary();
  }

  @Override
  public List<Wording> wordings() {
    return inner.wordings();
  }
}
