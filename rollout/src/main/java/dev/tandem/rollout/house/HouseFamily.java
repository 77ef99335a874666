package dev.tandem.rollout.house;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.processor.context.SystemPrompt;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.house.failure.HouseTaxonomy;
import dev.tandem.rollout.house.processor.HouseProcessors;
import dev.tandem.rollout.house.world.HouseExpert;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseGenerator;
import dev.tandem.rollout.house.world.HouseTask;
import dev.tandem.rollout.house.world.HouseWorld;
import dev.tandem.rollout.house.world.LoopholeWorld;
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
import dev.tandem.rollout.spi.Wording;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The house family. A task's step limit is what its expert needs plus a slack that takes turns
 * between three strata, so that wasted steps cost success in some tasks and not in others.
 */
public final class HouseFamily implements EnvironmentFamily {
  /** The family's name in configurations. */
  public static final String NAME = "house";

  private static final int EXPERT_PATIENCE = 100;

  private final HouseSettings settings;
  private final TaskCatalogue tasks;

  /** All six types of task, without end. */
  public HouseFamily() {
    this(HouseSettings.DEFAULTS);
  }

  private HouseFamily(HouseSettings settings) {
    this.settings = settings;
    this.tasks =
        settings.tasks() == HouseSettings.ENDLESS
            ? new GeneratedTasks(this::task, HouseSettings.ENDLESS)
            : GeneratedTasks.finite(this::task, settings.tasks());
  }

  @Override
  public String id() {
    return NAME;
  }

  @Override
  public List<Parameter> parameters() {
    return HouseSettings.PARAMETERS;
  }

  @Override
  public EnvironmentFamily configured(Arguments arguments) {
    HouseSettings changed = HouseSettings.of(arguments);
    return changed.equals(settings) ? this : new HouseFamily(changed);
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
    HouseWorld house = new HouseWorld(house(task));
    return settings.loophole() ? new LoopholeWorld(house) : house;
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

  private TaskSpec task(int number) {
    int index = settings.house(number);
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
    if (settings.loophole()) {
      words.add(LoopholeWorld.DONE);
    }
    return List.copyOf(words);
  }

  /** The goal alone, twice, and with a word on where to look. */
  @Override
  public List<Wording> wordings() {
    return Stream.of(
            "{goal} .",
            "goal : {goal} . goal : {goal} .",
            "goal : {goal} . go to unsearched places .")
        .map(text -> new Wording(SystemPrompt.TYPE.id(), "template", text))
        .toList();
  }

  private static Expert expert(HouseTask task) {
    return new HouseExpert(task.goal(), new HouseWorld(task).reset());
  }

  /** Steps the expert takes, plus the slack of the task's stratum. */
  private int stepLimit(HouseTask task, int index) {
    List<Integer> slack = settings.slack();
    return expertSteps(task) + slack.get(index / HouseGenerator.TASK_TYPES % slack.size());
  }

  static int expertSteps(HouseTask task) {
    HouseWorld world = new HouseWorld(task);
    Observation observation = world.reset();
    Expert expert = expert(task);
    int steps = 0;
    while (!world.isFinished()) {
      expert.observe(observation);
      observation = world.act(expert.act().text());
      if (++steps > EXPERT_PATIENCE) {
        throw new IllegalStateException("the expert does not solve " + task.canonicalText());
      }
    }
    return steps;
  }
}
