package dev.tandem.rollout.house;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.house.failure.HouseTaxonomy;
import dev.tandem.rollout.house.processor.HouseProcessors;
import dev.tandem.rollout.house.world.HouseExpert;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseGenerator;
import dev.tandem.rollout.house.world.HouseTask;
import dev.tandem.rollout.house.world.HouseWorld;
import dev.tandem.rollout.house.world.Receptacle;
import dev.tandem.rollout.house.world.Thing;
import dev.tandem.rollout.house.world.Treatment;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import dev.tandem.rollout.spi.GeneratedTasks;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The house family. A task's step limit is what its expert needs plus a slack that takes turns
 * between three strata, so that wasted steps cost success in some tasks and not in others.
 */
public final class HouseFamily implements EnvironmentFamily {
  /** The family's name in configurations. */
  public static final String NAME = "house";

  private static final int[] SLACK = {3, 6, 12};
  private static final int MOST_TASKS = 1_000_000;
  private static final int EXPERT_PATIENCE = 100;

  private final TaskCatalogue tasks = new GeneratedTasks(HouseFamily::task, MOST_TASKS);

  @Override
  public String id() {
    return NAME;
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.ALL;
  }

  @Override
  public TaskCatalogue tasks() {
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    return new HouseWorld(house(task));
  }

  @Override
  public Optional<String> factsSchema() {
    return Optional.of(HouseFacts.SCHEMA);
  }

  @Override
  public List<ProcessorType> processors() {
    return HouseProcessors.types();
  }

  @Override
  public FailureTaxonomy failures() {
    return new HouseTaxonomy();
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return Optional.of(expert(house(task)));
  }

  private static HouseTask house(TaskSpec task) {
    return HouseGenerator.generate(Integer.parseInt(task.id()));
  }

  private static TaskSpec task(int index) {
    HouseTask task = HouseGenerator.generate(index);
    String hash = ContentHash.sha256(task.canonicalText());
    return new TaskSpec(
        NAME,
        Integer.toString(index),
        task.goal().category(),
        Split.byContent(hash),
        hash,
        stepLimit(task, index));
  }

  @Override
  public List<String> vocabulary() {
    Set<String> words = new TreeSet<>();
    for (Receptacle kind : Receptacle.values()) {
      words.add(kind.word());
      words.add(kind.preposition());
    }
    for (Thing thing : Thing.values()) {
      words.add(thing.word());
    }
    for (Treatment treatment : Treatment.values()) {
      words.add(treatment.verb());
      words.add(treatment.adjective);
    }
    words.addAll(
        List.of(
            ("go to open close take from put with use lamp look at a an two under the you are in"
                    + " room nothing happens . 1 2 3 4")
                .split(" ")));
    words.addAll(HouseProcessors.vocabulary());
    return List.copyOf(words);
  }

  private static Expert expert(HouseTask task) {
    return new HouseExpert(task.goal(), new HouseWorld(task).reset());
  }

  /** Steps the expert takes, plus the slack of the task's stratum. */
  private static int stepLimit(HouseTask task, int index) {
    int stratum = index / HouseGenerator.TASK_TYPES % SLACK.length;
    return expertSteps(task) + SLACK[stratum];
  }

  static int expertSteps(HouseTask task) {
    HouseWorld world = new HouseWorld(task);
    Observation observation = world.reset();
    Expert expert = expert(task);
    int steps = 0;
    while (!world.isFinished()) {
      expert.observe(observation);
      observation = world.act(expert.act());
      if (++steps > EXPERT_PATIENCE) {
        throw new IllegalStateException("the expert does not solve " + task.canonicalText());
      }
    }
    return steps;
  }
}
