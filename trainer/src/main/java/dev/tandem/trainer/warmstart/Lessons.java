package dev.tandem.trainer.warmstart;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.ChatFormat;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a warm start learns from: a fixed set of tasks, demonstrated anew in every pass with other
 * mishaps and through other harnesses, and some that are held out to tell when to stop. What the
 * model may know of the world is bounded by the tasks, what it may know of harnesses is not.
 */
public final class Lessons {
  private static final int HELD_OUT_SHARE = 10;

  /** The harnesses of the held-out demonstrations are those of no pass. */
  private static final int NO_PASS = -1;

  private final Demonstrations demonstrations;
  private final ChatFormat format;
  private final int promptTokens;
  private final int taught;
  private final int episodes;
  private @Nullable Pass last;

  private record Pass(int number, List<TrainRecord> lessons) {}

  /**
   * @param tasks that are demonstrated, in turns if there are fewer than demonstrations
   * @throws IllegalArgumentException when there is no task
   */
  public Lessons(
      WarmStartSettings settings,
      long seed,
      EnvironmentFamily family,
      List<TaskSpec> tasks,
      HarnessConfig harness,
      Outfit outfit,
      ChatFormat format) {
    this.demonstrations =
        new Demonstrations(
            family,
            tasks,
            new HarnessSampler(harness, outfit, settings.plainShare()),
            settings.noise(),
            seed);
    this.format = format;
    this.promptTokens = settings.promptTokens();
    this.episodes = settings.episodes();
    this.taught = episodes - (episodes + HELD_OUT_SHARE - 1) / HELD_OUT_SHARE;
  }

  /**
   * Prompts and expert answers of one pass, in the demonstrations' order. The last pass is kept, so
   * that whoever counts its lessons before it begins does not have the expert play twice.
   */
  public List<TrainRecord> pass(int pass) {
    Pass shown = last;
    if (shown == null || shown.number() != pass) {
      shown = new Pass(pass, records(demonstrations.show(0, Math.max(1, taught), pass)));
      last = shown;
    }
    return shown.lessons();
  }

  /** The same of the demonstrations that no pass shows. */
  public List<TrainRecord> heldOut() {
    return records(demonstrations.show(taught, episodes, NO_PASS));
  }

  /** Prompts that are too long are left out. */
  private List<TrainRecord> records(List<Demonstrator.Lesson> lessons) {
    return lessons.stream()
        .map(
            lesson ->
                TrainRecord.unconstrained(
                    format.prompt(lesson.messages(), lesson.tools()),
                    format.response(
                        lesson.move().text(), lesson.move().toolUses(), lesson.tools())))
        .filter(record -> record.prompt().length <= promptTokens)
        .toList();
  }
}
