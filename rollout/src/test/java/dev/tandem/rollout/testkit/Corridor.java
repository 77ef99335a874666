package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EpisodeContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A corridor to walk along, with a bell at its end to ring: it can do everything, or nearly. */
final class Corridor implements Environment {
  /** Lets the threads go that faulty corridors have left waiting. */
  static final CountDownLatch LEFT_WAITING = new CountDownLatch(1);

  private static final AtomicInteger SHARED = new AtomicInteger();
  private static final long SLOW_NANOS = 110_000_000;

  private final Fault fault;
  private final int length;
  private final String weather;
  private State state = new State(0, false);
  private boolean begun;
  private boolean closed;
  private int verdicts;

  Corridor(Fault fault, int length, EpisodeContext context) {
    this.fault = fault;
    this.length = length;
    int drawn =
        fault == Fault.DRAWS_WITHOUT_A_SEED
            ? ThreadLocalRandom.current().nextInt(10_000)
            : context.random("weather").nextInt(10_000);
    this.weather = String.valueOf(drawn);
    if (fault == Fault.LEAVES_THREADS) {
      Thread waiting = new Thread(Corridor::waitForEver, "forgotten");
      waiting.setDaemon(true);
      waiting.start();
    }
  }

  private record State(int position, boolean rung) implements Snapshot {}

  private static void waitForEver() {
    try {
      LEFT_WAITING.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public List<ToolSpec> tools() {
    String name = fault == Fault.TOOL_WITH_A_SPACE ? "count steps" : "count";
    String type = fault == Fault.SCHEMA_OF_NO_TYPE ? "a step" : "integer";
    String schema =
        """
        {"type": "object", "required": ["steps"],
         "properties": {"steps": {"type": "%s", "minimum": 1, "maximum": 9}}}
        """
            .formatted(type);
    ToolSpec count = new ToolSpec(name, "Counts steps.", schema);
    return fault == Fault.TOOLS_THAT_CHANGE && begun ? List.of() : List.of(count);
  }

  @Override
  public Observation reset() {
    begun = true;
    state = new State(0, fault == Fault.OVER_AT_ONCE);
    SHARED.set(0);
    return observation("you see the corridor , " + weather, true);
  }

  @Override
  public Observation use(ToolUse use) {
    return observation("counted", true);
  }

  @Override
  public Observation act(String command) {
    if (fault == Fault.ACT_THROWS) {
      throw new WorldException("the floor gave way", new IllegalStateException());
    }
    boolean told = commands().contains(command);
    boolean refused = fault == Fault.TELLS_WHAT_IT_REFUSES && command.equals("right");
    if (fault == Fault.NONSENSE_CHANGES_THE_STATE && !told) {
      state = new State(Math.min(length, state.position + 1), state.rung);
    }
    if (refused || (!told && fault != Fault.DOES_WHAT_IT_DOES_NOT_TELL)) {
      return observation("nothing happens", false);
    }
    state =
        switch (command) {
          case "left" -> new State(position() - 1, false);
          case "ring" -> new State(position(), true);
          default -> new State(Math.min(length, position() + 1), false);
        };
    SHARED.set(state.position);
    return observation(fault == Fault.UNKNOWN_WORD ? "you stumble" : "you go on", true);
  }

  private int position() {
    return fault == Fault.STATE_IS_SHARED ? SHARED.get() : state.position;
  }

  private List<String> commands() {
    List<String> commands = new ArrayList<>();
    if (position() > 0) {
      commands.add("left");
    }
    commands.add(position() < length ? "right" : "ring");
    return commands;
  }

  private Observation observation(String text, boolean effective) {
    if (fault == Fault.TAKES_ITS_TIME) {
      LockSupport.parkNanos(SLOW_NANOS);
    }
    Object position = fault == Fault.FACTS_OFF_SCHEMA ? "far" : position();
    return new Observation(
        fault == Fault.NO_GOAL ? "" : "ring the bell",
        text,
        new Facts(Map.of("position", position)),
        effective,
        fault == Fault.ADMISSIBLE_UNTOLD ? Optional.empty() : Optional.of(commands()));
  }

  @Override
  public boolean isFinished() {
    return state.rung;
  }

  @Override
  public Optional<String> stateHash() {
    return switch (fault) {
      case HASH_NEVER_CHANGES -> Optional.of("state");
      case HASH_BY_THE_CLOCK -> Optional.of("state " + System.nanoTime());
      case HASH_UNTOLD -> Optional.empty();
      default -> Optional.of(position() + " " + state.rung);
    };
  }

  @Override
  public Snapshot snapshot() {
    return state;
  }

  @Override
  public void restore(Snapshot snapshot) {
    State earlier = (State) snapshot;
    state = fault == Fault.RESTORES_HALF ? new State(state.position, earlier.rung) : earlier;
    SHARED.set(state.position);
  }

  @Override
  public Verdict verify(Episode episode) {
    verdicts++;
    if (fault == Fault.JUDGING_MOVES) {
      state = new State(state.position + 1, state.rung);
    }
    boolean lucky =
        switch (fault) {
          case IDLENESS_PAYS -> true;
          case SECOND_VERDICT_DIFFERS -> verdicts > 1;
          default -> false;
        };
    boolean success = state.rung || lucky;
    double way =
        switch (fault) {
          case COMPONENT_OUT_OF_RANGE -> length;
          case JUDGES_BY_CHANCE -> ThreadLocalRandom.current().nextDouble();
          default -> (double) Math.min(length, state.position) / length;
        };
    return new Verdict(
        success, success ? 1 : 0, success ? 1 : 0, new TreeMap<>(Map.of("way", way)), List.of());
  }

  @Override
  public void close() {
    if (closed && fault == Fault.SECOND_CLOSE_THROWS) {
      throw new IllegalStateException("it is closed");
    }
    closed = true;
  }
}
