package dev.tandem.rollout.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.DeclaredTasks;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small world that counts to a number, and a processor; a task's category says where one of them
 * goes wrong and how, or that both are sound.
 */
final class ChaosFamily implements EnvironmentFamily {
  static final String SOUND = "sound";

  /** What worlds that hear nothing wait for. */
  final CountDownLatch release = new CountDownLatch(1);

  private final Map<String, Harness> harnesses = new ConcurrentHashMap<>();

  /** Whose episodes these are. */
  private final Queue<Thread> players = new ConcurrentLinkedQueue<>();

  final AtomicInteger opened = new AtomicInteger();

  /** Environments that were closed, by when they were opened. */
  final Queue<Integer> closed = new ConcurrentLinkedQueue<>();

  final Queue<WeakReference<Environment>> environments = new ConcurrentLinkedQueue<>();

  /** Where a world can go wrong. */
  enum Place {
    OPEN,
    RESET,
    TOOLS,
    ACT,
    IS_FINISHED,
    STATE_HASH,
    VERIFY,
    CLOSE,
    PROCESSOR_BIRTH,
    TASK_START,
    STEP_START,
    BEFORE_MODEL,
    AFTER_MODEL,
    BEFORE_TOOL,
    AFTER_TOOL,
    STEP_END,
    TASK_END,
    PROCESSOR_CLOSE;

    /** Whether it is the processor's. */
    boolean isProcessors() {
      return compareTo(PROCESSOR_BIRTH) >= 0;
    }

    /** Whether to return nothing there does any harm. */
    boolean returns() {
      return this != PROCESSOR_CLOSE;
    }
  }

  /** How. */
  enum Fault {
    EXCEPTION,
    ERROR,
    ENDLESS_RECURSION,
    CHECKED,
    INTERRUPTED,
    WITHOUT_WORDS,
    NOTHING,
    HANG,
    DEAF_HANG,
    SPIN;

    boolean hangs() {
      return this == HANG || this == DEAF_HANG || this == SPIN;
    }
  }

  /** How many threads that played have not ended. */
  long alive() {
    return players.stream().filter(Thread::isAlive).count();
  }

  /** The harness that a task is to be played under. */
  Harness harness(TaskSpec task) {
    return harnesses.computeIfAbsent(
        isProcessors(task) ? task.category() : SOUND, this::withProcessor);
  }

  private static boolean isProcessors(TaskSpec task) {
    return !task.category().equals(SOUND)
        && Place.valueOf(task.category().substring(0, task.category().indexOf('-'))).isProcessors();
  }

  private Harness withProcessor(String category) {
    ProcessorType type =
        new ProcessorType(
            "trouble",
            "Goes wrong.",
            "trouble",
            Dimension.CONTROL_AND_SAFETY,
            Set.of(Hook.values()),
            ProcessorType.NORMAL,
            List.of(),
            Set.of(),
            List.of(),
            _ -> troubled(new Trouble(category, release)));
    return Harness.compile(
        HarnessConfig.of(ProcessorSpec.of(type.id())), new ProcessorRegistry(List.of(type)));
  }

  private static Processor troubled(Trouble trouble) {
    if (!trouble.at(Place.PROCESSOR_BIRTH)) {
      return Trouble.nothing();
    }
    return new Processor() {
      @Override
      public Outcome on(Event event) {
        return trouble.at(Place.valueOf(event.hook().name())) ? Outcome.PASS : Trouble.nothing();
      }

      @Override
      public void close() {
        trouble.at(Place.PROCESSOR_CLOSE);
      }
    };
  }

  static TaskSpec task(int number, String category) {
    return new TaskSpec("chaos", "" + number, category, Split.TRAIN, "%064x".formatted(number), 20);
  }

  static TaskSpec faulty(int number, Place place, Fault fault) {
    return task(number, place + "-" + fault);
  }

  @Override
  public String id() {
    return "chaos";
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.ALL;
  }

  @Override
  public TaskCatalogue tasks() {
    return new DeclaredTasks(List.of());
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    players.add(Thread.currentThread());
    Trouble trouble = new Trouble(task.category(), release);
    if (!trouble.at(Place.OPEN)) {
      return Trouble.nothing();
    }
    Counter counter =
        new Counter(Integer.parseInt(task.id()), trouble, opened.getAndIncrement(), closed);
    environments.add(new WeakReference<>(counter));
    return counter;
  }

  /** What goes wrong. */
  private record Trouble(String category, CountDownLatch release) {
    /**
     * Goes wrong, if it is to be here.
     *
     * @return false where null is to be returned
     */
    boolean at(Place place) {
      String here = place + "-";
      if (!category.startsWith(here)) {
        return true;
      }
      Fault fault = Fault.valueOf(category.substring(here.length()));
      switch (fault) {
        case EXCEPTION -> throw new IllegalStateException("planted");
        case ERROR -> throw new AssertionError("planted");
        case ENDLESS_RECURSION -> recurse(0);
        case CHECKED -> sneak(new IOException("planted"));
        case INTERRUPTED -> sneak(new InterruptedException("planted"));
        case WITHOUT_WORDS -> throw new Wordless();
        case NOTHING -> {
          return false;
        }
        case HANG -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            sneak(e);
          }
        }
        case DEAF_HANG -> {
          while (release.getCount() > 0) {
            try {
              release.await();
            } catch (InterruptedException deaf) {
              Thread.onSpinWait();
            }
          }
        }
        case SPIN -> {
          while (release.getCount() > 0) {
            Thread.onSpinWait();
          }
        }
      }
      return true;
    }

    private static int recurse(int depth) {
      return depth < 0 ? 0 : recurse(depth + 1) + 1;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
      throw (E) thrown;
    }

    /** What a world that does not know of null-safety returns. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    static <T> T nothing() {
      return null;
    }
  }

  private static final class Wordless extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  private static final class Counter implements Environment {
    private final int number;
    private final Trouble trouble;
    private final int serial;
    private final Queue<Integer> closed;
    private final byte[] ballast = new byte[16_384];
    private long state = 1;
    private int steps;

    Counter(int number, Trouble trouble, int serial, Queue<Integer> closed) {
      this.number = number;
      this.trouble = trouble;
      this.serial = serial;
      this.closed = closed;
    }

    @Override
    public Observation reset() {
      return trouble.at(Place.RESET)
          ? Observation.of("count", "task " + number)
          : Trouble.nothing();
    }

    @Override
    public List<ToolSpec> tools() {
      return trouble.at(Place.TOOLS) ? List.of() : Trouble.nothing();
    }

    @Override
    public Observation act(String command) {
      state = 31 * state + command.hashCode() + ballast[steps];
      steps++;
      return trouble.at(Place.ACT)
          ? Observation.of("count", "task %d is at %d".formatted(number, state))
          : Trouble.nothing();
    }

    @Override
    public boolean isFinished() {
      if (!trouble.at(Place.IS_FINISHED)) {
        throw new NullPointerException("planted");
      }
      return steps > number % 4;
    }

    @Override
    public Optional<String> stateHash() {
      return trouble.at(Place.STATE_HASH) ? Optional.of("" + state) : Trouble.nothing();
    }

    @Override
    public Verdict verify(Episode episode) {
      boolean success = state % 2 == 0;
      return trouble.at(Place.VERIFY)
          ? new Verdict(success, success ? 1 : 0, 1, new TreeMap<>(), List.of())
          : Trouble.nothing();
    }

    @Override
    public void close() {
      closed.add(serial);
      if (!trouble.at(Place.CLOSE)) {
        throw new NullPointerException("planted");
      }
    }
  }
}
