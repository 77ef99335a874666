package dev.tandem.trainer;

import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import dev.tandem.rollout.spi.TaskCatalogue;
import dev.tandem.rollout.spi.Wording;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * House with another judge, for agents too small to solve anything: an episode succeeds by what its
 * words happen to be, and more often where the harness asks again after a response that cannot be
 * read. So a run of a second or two has successes, failures, and a lever that helps.
 */
public final class LuckyHouse implements EnvironmentFamily {
  private final HouseFamily house = new HouseFamily();

  @Override
  public String id() {
    return "lucky_house";
  }

  @Override
  public Capabilities capabilities() {
    return house.capabilities();
  }

  @Override
  public TaskCatalogue tasks() {
    return house.tasks();
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    Environment real = house.open(task, context);
    return (Environment)
        Proxy.newProxyInstance(
            Environment.class.getClassLoader(),
            new Class<?>[] {Environment.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("verify")) {
                return verdict(task, (Episode) arguments[0]);
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private static Verdict verdict(TaskSpec task, Episode episode) {
    StringBuilder said = new StringBuilder(task.id());
    episode.turns().forEach(turn -> said.append(Arrays.toString(turn.tokens().response())));
    boolean asked =
        episode.triggers().stream().anyMatch(trigger -> trigger.processor().equals("parse_retry"));
    char first = ContentHash.sha256(said.toString()).charAt(0);
    boolean success = first < (asked ? 'e' : '6');
    double score = success ? 1 : 0;
    return new Verdict(success, score, score, new TreeMap<>(), List.of());
  }

  @Override
  public Optional<String> factsSchema() {
    return house.factsSchema();
  }

  @Override
  public List<ProcessorType> processors() {
    return house.processors();
  }

  @Override
  public FailureTaxonomy failures() {
    return house.failures();
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return house.expert(task);
  }

  @Override
  public List<String> vocabulary() {
    return house.vocabulary();
  }

  @Override
  public List<Wording> wordings() {
    return house.wordings();
  }
}
