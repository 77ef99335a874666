package dev.tandem.rollout.testworld;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.GeneratedTasks;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pond to fish in: it promises nothing. What bites is truly random, whatever the seed; each
 * answer comes after a delay of its own. Saying {@code cast} fishes; anything else passes the time.
 */
public final class PondFamily implements EnvironmentFamily {
  /** The family's name. */
  public static final String NAME = "pond";

  private static final List<String> CATCH = List.of("perch", "pike", "tench", "boot", "weed");
  private static final int FISH = 3;
  private static final int STEP_LIMIT = 20;

  private final Duration delay;
  private final AtomicInteger open = new AtomicInteger();
  private final TaskCatalogue tasks = new GeneratedTasks(PondFamily::task, Integer.MAX_VALUE);

  /** Delays of up to 2 ms. */
  public PondFamily() {
    this(Duration.ofMillis(2));
  }

  /** Each answer takes up to so long. */
  public PondFamily(Duration delay) {
    this.delay = delay;
  }

  @Override
  public String id() {
    return NAME;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter.Count("delay_ms", 2, 0, 60_000));
  }

  @Override
  public EnvironmentFamily configured(Arguments arguments) {
    return new PondFamily(Duration.ofMillis(arguments.count("delay_ms")));
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.NONE;
  }

  @Override
  public TaskCatalogue tasks() {
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    open.incrementAndGet();
    return new Pond(Integer.parseInt(task.category().substring("fish_".length())));
  }

  /** Environments of this family that are not closed. */
  public int openNow() {
    return open.get();
  }

  private static TaskSpec task(int index) {
    String hash = ContentHash.sha256("pond " + index);
    return new TaskSpec(
        NAME,
        "evening-" + index,
        "fish_" + (1 + index % FISH),
        Split.byContent(hash),
        hash,
        STEP_LIMIT);
  }

  private final class Pond implements Environment {
    private final int wanted;
    private final AtomicBoolean closed = new AtomicBoolean();
    private int caught;

    Pond(int wanted) {
      this.wanted = wanted;
    }

    @Override
    public Observation reset() {
      caught = 0;
      return answer("the pond lies still");
    }

    @Override
    public Observation act(String command) {
      if (!command.equals("cast")) {
        return answer("rings spread on the water");
      }
      String bite = CATCH.get(ThreadLocalRandom.current().nextInt(CATCH.size()));
      if (CATCH.indexOf(bite) < FISH) {
        caught++;
      }
      return answer("you pull out a " + bite);
    }

    private Observation answer(String text) {
      try {
        Thread.sleep(Duration.ofNanos(ThreadLocalRandom.current().nextLong(delay.toNanos() + 1)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WorldException("somebody called from the shore", e);
      }
      return Observation.of("catch %d fish".formatted(wanted), text);
    }

    @Override
    public boolean isFinished() {
      return caught >= wanted;
    }

    @Override
    public Verdict verify(Episode episode) {
      double share = Math.min(1, (double) caught / wanted);
      return new Verdict(isFinished(), isFinished() ? 1 : 0, share, new TreeMap<>(), List.of());
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        open.decrementAndGet();
      }
    }
  }
}
