package dev.tandem.trainer.warmstart;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.policy.ChatFormat;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An expert's answers: a fixed set of tasks, demonstrated anew in every pass with other mishaps and
 * through other harnesses, and some that are held out to tell when to stop. What the model may know
 * of the world is bounded by the tasks, what it may know of harnesses is not.
 */
public final class ExpertLessons implements Lessons {
  /** The harnesses of the held-out demonstrations are those of no pass. */
  private static final int NO_PASS = -1;

  private final Demonstrations demonstrations;
  private final ChatFormat format;
  private final int promptTokens;
  private final boolean observations;
  private final int taught;
  private final int episodes;
  private @Nullable Pass last;

  private record Pass(int number, List<Transcript> lessons) {}

  /**
   * @param tasks that are demonstrated, in turns if there are fewer than demonstrations
   * @throws IllegalArgumentException when there is no task
   */
  public ExpertLessons(
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
    this.taught = Math.max(1, episodes - settings.heldOutOf(episodes));
    this.observations = settings.worldWeight() > 0;
  }

  /**
   * Prompts and expert answers of one pass, in the demonstrations' order. The last pass is kept, so
   * that whoever counts its lessons before it begins does not have the expert play twice.
   */
  @Override
  public List<Transcript> pass(int pass) {
    Pass shown = last;
    if (shown == null || shown.number() != pass) {
      shown = new Pass(pass, records(demonstrations.show(0, taught, pass)));
      last = shown;
    }
    return shown.lessons();
  }

  /** The same of the demonstrations that no pass shows. */
  @Override
  public List<Transcript> heldOut() {
    return records(demonstrations.show(taught, episodes, NO_PASS));
  }

  /** What the first pass shows, as the expert was asked and answered. */
  public List<Demonstrator.Lesson> demonstrated() {
    return demonstrations.show(0, episodes, 0);
  }

  @Override
  public String title() {
    return "%d expert episodes".formatted(episodes);
  }

  @Override
  public String source() {
    return "";
  }

  /** Prompts that are too long are left out. */
  private List<Transcript> records(List<Demonstrator.Lesson> lessons) {
    List<Transcript> records = new ArrayList<>();
    for (Demonstrator.Lesson lesson : lessons) {
      int[] prompt = format.prompt(lesson.messages(), lesson.tools());
      int[] response =
          format.response(lesson.move().text(), lesson.move().toolUses(), lesson.tools());
      if (prompt.length <= promptTokens) {
        records.add(transcript(prompt, response, lesson));
      }
    }
    return records;
  }

  private Transcript transcript(int[] prompt, int[] response, Demonstrator.Lesson lesson) {
    int[] ids = Arrays.copyOf(prompt, prompt.length + response.length);
    System.arraycopy(response, 0, ids, prompt.length, response.length);
    boolean[] said = new boolean[ids.length];
    Arrays.fill(said, prompt.length, ids.length, true);
    boolean[] observed =
        observations
            ? Arrays.copyOf(format.observed(lesson.messages(), lesson.tools()), ids.length)
            : new boolean[ids.length];
    return new Transcript(ids, said, observed);
  }
}
