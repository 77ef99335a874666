package dev.tandem.trainer.warmstart;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.DeclaredTasks;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Safes whose digits a tool dials, two at a time, and that a word opens. */
final class SafeFamily implements EnvironmentFamily {
  private static final ToolSpec DIAL =
      new ToolSpec(
          "dial",
          "Dials a digit.",
          """
          {"type": "object", "required": ["digit"], "additionalProperties": false,
           "properties": {"digit": {"type": "integer", "minimum": 0, "maximum": 9}}}
          """);

  /** Those that were opened, for who wants to know what became of them. */
  final List<Environment> opened = new ArrayList<>();

  private final TaskCatalogue tasks =
      new DeclaredTasks(IntStream.range(10, 100).mapToObj(SafeFamily::task).toList());

  private static TaskSpec task(int code) {
    String hash = ContentHash.sha256("safe " + code);
    return new TaskSpec("safe", "" + code, "safe", Split.byContent(hash), hash, 6);
  }

  @Override
  public String id() {
    return "safe";
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(true, false, false, false, true);
  }

  @Override
  public TaskCatalogue tasks() {
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    Environment safe = new Safe(task.id());
    opened.add(safe);
    return safe;
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return Optional.of(new Burglar());
  }

  /** Reads the code from the goal. */
  private static final class Burglar implements Expert {
    private Observation now = Observation.of("", "");

    @Override
    public void observe(Observation observation) {
      now = observation;
    }

    @Override
    public Move act() {
      return now.text().equals("click")
          ? Move.say("open")
          : new Move("Now.", now.goal().chars().mapToObj(Burglar::dial).toList());
    }

    private static ToolUse dial(int digit) {
      return new ToolUse("", "dial", "{\"digit\": %d}".formatted(digit - '0'));
    }
  }

  private static final class Safe implements Environment {
    private final String code;
    private String dialled = "";
    private boolean over;

    Safe(String code) {
      this.code = code;
    }

    @Override
    public Observation reset() {
      return shown("a safe");
    }

    @Override
    public List<ToolSpec> tools() {
      return List.of(DIAL);
    }

    @Override
    public Observation use(ToolUse use) {
      dialled += use.input().replaceAll("\\D", "");
      return shown(dialled.equals(code) ? "click" : "it turns");
    }

    @Override
    public Observation act(String command) {
      over = true;
      return shown("");
    }

    @Override
    public boolean isFinished() {
      return over;
    }

    @Override
    public Verdict verify(Episode episode) {
      boolean open = over && dialled.equals(code);
      return new Verdict(open, open ? 1 : 0, open ? 1 : 0, new TreeMap<>(), List.of());
    }

    private Observation shown(String text) {
      return Observation.of(code, text);
    }
  }
}
