package dev.tandem.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.Episode;
import dev.tandem.harness.ExitReason;
import dev.tandem.harness.Message;
import dev.tandem.harness.Observation;
import dev.tandem.harness.Step;
import dev.tandem.harness.TokenTrace;
import dev.tandem.harness.Trigger;
import dev.tandem.harness.Turn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trajectories as lines of JSON. Observations are not written: the environment is deterministic, so
 * reading a line plays its actions again, and a state that differs from the one on record is an
 * error.
 */
final class TrajectoryCodec {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
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
      List<Trigger> triggers) {}

  private record StepLine(String action, boolean executed, String stateHash, String feedback) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record TurnLine(
      int step,
      String harness,
      List<Message> messages,
      String text,
      boolean discarded,
      int[] prompt,
      int[] response,
      float[] logProbs,
      int[][] allowed) {}

  static String write(Trajectory trajectory) {
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
            episode.steps().stream().map(TrajectoryCodec::stepLine).toList(),
            episode.turns().stream().map(TrajectoryCodec::turnLine).toList(),
            episode.triggers());
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a trajectory could not be written as JSON", e);
    }
  }

  private static StepLine stepLine(Step step) {
    return new StepLine(step.action(), step.executed(), step.stateHash(), step.after().feedback());
  }

  private static TurnLine turnLine(Turn turn) {
    TokenTrace tokens = turn.tokens();
    return new TurnLine(
        turn.step(),
        turn.harnessHash(),
        turn.messages(),
        turn.text(),
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
  static Trajectory read(String json, EnvironmentFamily family) {
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
        line.messages(),
        line.text(),
        new TokenTrace(line.prompt(), line.response(), line.logProbs(), line.allowed()),
        line.discarded());
  }

  private static List<Step> replay(Line line, Environment environment) {
    List<Step> steps = new ArrayList<>();
    Observation before = environment.reset();
    for (int index = 0; index < line.steps().size(); index++) {
      StepLine step = line.steps().get(index);
      if (!environment.stateHash().equals(step.stateHash())) {
        throw new TraceException(
            "trajectory %s does not play again: step %d begins in another state, so it was recorded by another version of %s"
                .formatted(line.id(), index, line.task().family()));
      }
      Observation after = step.executed() ? environment.act(step.action()) : before;
      if (!after.feedback().equals(step.feedback())) {
        throw new TraceException(
            "trajectory %s does not play again: step %d now leads to '%s' and not to '%s', so it was recorded by another version of %s"
                .formatted(
                    line.id(), index, after.feedback(), step.feedback(), line.task().family()));
      }
      steps.add(new Step(index, before, step.stateHash(), step.action(), step.executed(), after));
      before = after;
    }
    return steps;
  }
}
