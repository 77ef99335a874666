package dev.tandem.rollout.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Trajectories as lines of JSON. Observations are not written: the environment is deterministic, so
 * reading a line plays its actions again, and a state that differs from the one on record is an
 * error. What most trajectories do not have, such as tool uses and swaps, is written only where it
 * is.
 */
public final class TrajectoryCodec {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // What is missing is null, and so refused, unless it is an Optional.
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_ABSENT, JsonInclude.Include.USE_DEFAULTS))
          .addModule(new Jdk8Module())
          .build();

  private TrajectoryCodec() {}

  private record Line(
      String id,
      int round,
      TaskSpec task,
      String harness,
      String checkpoint,
      long seed,
      ExitReason exitReason,
      String detail,
      Verdict verdict,
      List<StepLine> steps,
      List<TurnLine> turns,
      List<Trigger> triggers,
      Optional<List<Swap>> swaps) {}

  /**
   * @param index step of the episode; empty when it is the step's place in the list
   * @param tool empty for a command
   */
  private record StepLine(
      Optional<Integer> index,
      Optional<String> tool,
      String action,
      boolean executed,
      String stateHash,
      String feedback) {}

  /**
   * @param toolUses empty when there are none
   * @param toolUseId empty when it answers none
   */
  private record MessageLine(
      Message.Role role,
      String content,
      Optional<List<ToolUse>> toolUses,
      Optional<String> toolUseId) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record TurnLine(
      int step,
      String harness,
      List<MessageLine> messages,
      String text,
      Optional<List<ToolUse>> toolUses,
      boolean discarded,
      int[] prompt,
      int[] response,
      float[] logProbs,
      int[][] allowed) {}

  public static String write(Trajectory trajectory) {
    Episode episode = trajectory.episode();
    Line line =
        new Line(
            trajectory.id(),
            trajectory.round(),
            trajectory.task(),
            trajectory.harnessHash(),
            trajectory.checkpoint(),
            trajectory.seed(),
            episode.exitReason(),
            episode.detail(),
            trajectory.verdict(),
            stepLines(episode.steps()),
            episode.turns().stream().map(TrajectoryCodec::turnLine).toList(),
            episode.triggers(),
            unlessEmpty(episode.swaps()));
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a trajectory could not be written as JSON", e);
    }
  }

  private static List<StepLine> stepLines(List<Step> steps) {
    List<StepLine> lines = new ArrayList<>(steps.size());
    for (Step step : steps) {
      boolean inPlace = step.index() == lines.size();
      lines.add(
          new StepLine(
              inPlace ? Optional.empty() : Optional.of(step.index()),
              step.tool().equals(ToolUse.COMMAND) ? Optional.empty() : Optional.of(step.tool()),
              step.action(),
              step.executed(),
              step.stateHash(),
              step.after().feedback()));
    }
    return lines;
  }

  private static <T> Optional<List<T>> unlessEmpty(List<T> list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list);
  }

  private static MessageLine messageLine(Message message) {
    return new MessageLine(
        message.role(),
        message.content(),
        unlessEmpty(message.toolUses()),
        message.role() == Message.Role.TOOL ? Optional.of(message.toolUseId()) : Optional.empty());
  }

  private static Message message(MessageLine line) {
    return new Message(
        line.role(),
        line.content(),
        line.toolUses().orElse(List.of()),
        line.toolUseId().orElse(""));
  }

  private static TurnLine turnLine(Turn turn) {
    TokenTrace tokens = turn.tokens();
    return new TurnLine(
        turn.step(),
        turn.harnessHash(),
        turn.messages().stream().map(TrajectoryCodec::messageLine).toList(),
        turn.text(),
        unlessEmpty(turn.toolUses()),
        turn.discarded(),
        tokens.prompt(),
        tokens.response(),
        tokens.logProbs(),
        tokens.allowed());
  }

  /**
   * @throws TraceException if the line is not a trajectory, or its actions lead elsewhere than it
   *     says
   */
  public static Trajectory read(String json, EnvironmentFamily family) {
    Line line = parse(json);
    List<Turn> turns;
    try {
      turns = line.turns().stream().map(TrajectoryCodec::turn).toList();
    } catch (IllegalArgumentException e) {
      throw damaged(e.getMessage(), e);
    }
    Episode episode =
        new Episode(
            turns,
            replay(line, family.open(line.task())),
            line.triggers(),
            line.swaps().orElse(List.of()),
            line.exitReason(),
            line.detail());
    return new Trajectory(
        line.id(),
        line.round(),
        line.task(),
        line.harness(),
        line.checkpoint(),
        line.seed(),
        episode,
        line.verdict());
  }

  private static Line parse(String json) {
    @Nullable Line line;
    try {
      line = JSON.readValue(json, Line.class);
    } catch (JsonProcessingException e) {
      throw damaged(e.getOriginalMessage(), e);
    }
    if (line == null) {
      throw damaged("it says null", null);
    }
    return line;
  }

  private static TraceException damaged(@Nullable String how, @Nullable Exception cause) {
    return new TraceException(
        "a trace line is damaged (%s): copy the round's file again, or begin the run anew in another folder"
            .formatted(how),
        cause);
  }

  private static Turn turn(TurnLine line) {
    return new Turn(
        line.step(),
        line.harness(),
        line.messages().stream().map(TrajectoryCodec::message).toList(),
        line.text(),
        line.toolUses().orElse(List.of()),
        new TokenTrace(line.prompt(), line.response(), line.logProbs(), line.allowed()),
        line.discarded());
  }

  private static List<Step> replay(Line line, Environment environment) {
    List<Step> steps = new ArrayList<>();
    Set<String> tools =
        environment.tools().stream().map(ToolSpec::name).collect(Collectors.toSet());
    Observation before = environment.reset();
    for (int place = 0; place < line.steps().size(); place++) {
      StepLine step = line.steps().get(place);
      int index = step.index().orElse(place);
      if (!environment.stateHash().equals(step.stateHash())) {
        throw new TraceException(
            "trajectory %s does not play again: step %d begins in another state, so it was recorded by another version of %s"
                .formatted(line.id(), index, line.task().family()));
      }
      String tool = step.tool().orElse(ToolUse.COMMAND);
      Observation after = before;
      if (step.executed() && step.tool().isEmpty()) {
        after = environment.act(step.action());
      } else if (step.executed() && tools.contains(tool)) {
        after = environment.use(new ToolUse("", tool, step.action()));
      } // else a tool of the harness, which leaves the environment alone
      if (!after.feedback().equals(step.feedback())) {
        throw new TraceException(
            "trajectory %s does not play again: step %d now leads to '%s' and not to '%s', so it was recorded by another version of %s"
                .formatted(
                    line.id(), index, after.feedback(), step.feedback(), line.task().family()));
      }
      steps.add(
          new Step(index, before, step.stateHash(), tool, step.action(), step.executed(), after));
      before = after;
    }
    return steps;
  }
}
