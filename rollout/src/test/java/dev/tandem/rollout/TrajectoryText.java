package dev.tandem.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

/** Trajectories as texts that are equal when all they hold is: arrays have no equality. */
public final class TrajectoryText {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private TrajectoryText() {}

  public static String of(Trajectory trajectory) {
    try {
      return JSON.writeValueAsString(trajectory);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a trajectory could not be written as JSON", e);
    }
  }
}
