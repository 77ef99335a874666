package dev.tandem.trainer;

import dev.tandem.aegis.author.CodeTrial;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.Trigger;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.warmstart.Demonstrator;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;

/**
 * Plays code on a few train tasks with somebody in the model's place who does now what an expert
 * would do and now anything, so that the code meets what goes well and what does not. The trial is
 * the same whenever it is made again.
 */
record CodeTryout(
    EnvironmentFamily family,
    Outfit outfit,
    List<TaskSpec> tasks,
    SortedSet<String> words,
    long seed)
    implements CodeTrial {
  private static final int TASKS = 8;

  /** Share of the steps at which anything admissible is done. */
  private static final double ASTRAY = 0.4;

  private static final int LONGEST_DETAIL = 200;

  static CodeTryout of(RunConfig config, EnvironmentFamily family, Outfit outfit) {
    int tasks = family.tasks().available(Split.TRAIN, TASKS);
    return new CodeTryout(
        family,
        outfit,
        family.tasks().tasks(Split.TRAIN, 0, tasks),
        LeverAuthors.words(family, outfit),
        config.seed());
  }

  @Override
  public Optional<String> complaint(HarnessConfig with, HarnessConfig without) {
    Harness tried = outfit.compile(with);
    Harness plain = outfit.compile(without);
    boolean reaches = false;
    for (int task = 0; task < tasks.size(); task++) {
      Played played = play(tried, task);
      Optional<String> fault = fault(played);
      if (fault.isPresent()) {
        return fault;
      }
      reaches = reaches || !played.requests().equals(play(plain, task).requests());
    }
    return reaches
        ? Optional.empty()
        : Optional.of(
            "the code runs, but in %d episodes nothing that the model saw differed by it"
                .formatted(tasks.size()));
  }

  private Optional<String> fault(Played played) {
    Episode episode = played.episode();
    if (episode.exitReason() == ExitReason.CONTRACT_BREACH) {
      return Optional.of("the code does what none may do: " + brief(episode.detail()));
    }
    Optional<Trigger> failed = episode.triggers().stream().filter(Trigger::failed).findFirst();
    if (failed.isPresent()) {
      return Optional.of(
          "the code of '%s' fails at %s in step %d"
              .formatted(failed.get().processor(), failed.get().hook().id(), failed.get().step()));
    }
    if (episode.exitReason().isInfrastructure()) {
      return Optional.of("the code ends an episode: " + brief(episode.detail()));
    }
    return words.isEmpty()
        ? Optional.empty()
        : played.requests().stream()
            .flatMap(request -> request.messages().stream())
            .flatMap(message -> Arrays.stream(message.content().split("\\s+", -1)))
            .filter(word -> !word.isEmpty() && !words.contains(word))
            .findFirst()
            .map("the code says '%s', a word that the model does not know"::formatted);
  }

  private static String brief(String detail) {
    return detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL);
  }

  /** An episode and all that the model was asked in it. */
  private record Played(Episode episode, List<Model.Request> requests) {}

  private Played play(Harness harness, int index) {
    TaskSpec task = tasks.get(index);
    SplittableRandom random = RandomStreams.stream(seed, "code tried", index);
    Demonstrator somebody =
        new Demonstrator(
            family.open(
                task, EpisodeContext.of(RandomStreams.derive(seed, "code tried in", index))),
            family.expert(task).orElseGet(Idler::new),
            ASTRAY,
            random);
    Episode episode =
        EpisodeRunner.run(
            harness,
            somebody,
            somebody,
            new Budget(task.stepLimit(), 2, Long.MAX_VALUE),
            random.nextLong());
    return new Played(
        episode, somebody.lessons().stream().map(Demonstrator.Lesson::request).toList());
  }

  /** Who stands in where there is no expert. */
  private static final class Idler implements Expert {
    @Override
    public void observe(Observation observation) {}

    @Override
    public Move act() {
      return Move.say("look");
    }
  }
}
