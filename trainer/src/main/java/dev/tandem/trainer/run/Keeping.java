package dev.tandem.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.recipe.Lag;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which checkpoints of a run stay. By the metrics alone, so that a run that was killed keeps the
 * same ones.
 *
 * @param last how many of the newest rounds
 * @param best by what rounds are compared; empty where none stays for being the best
 * @param lag of the weights that play train episodes
 */
public record Keeping(int last, Optional<Evidence> best, Lag lag) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of rounds that are played with what the round before has learnt. */
  public Keeping(int last, Optional<Evidence> best) {
    this(last, best, Lag.NONE);
  }

  /** Where agents are measured that a run has. */
  public enum Evidence {
    /**
     * The incumbent's episodes on the gate split, in the rounds that had something to test: the
     * agent that the round began with.
     */
    GATE {
      @Override
      int measured(int round, Lag lag) {
        return round - 1;
      }

      @Override
      Optional<SuccessRate> of(JsonNode round) {
        return rate(round.path("gate"), "success");
      }
    },
    /** Train episodes, where all of them run under one harness. */
    TRAIN {
      @Override
      int measured(int round, Lag lag) {
        return lag.weights(round);
      }

      @Override
      Optional<SuccessRate> of(JsonNode round) {
        return rate(round, "train_success");
      }
    };

    /** The round whose checkpoint a later round measures. */
    abstract int measured(int round, Lag lag);

    abstract Optional<SuccessRate> of(JsonNode round);

    private static Optional<SuccessRate> rate(JsonNode of, String success) {
      int episodes = of.path("episodes").asInt();
      int successes = (int) Math.round(of.path(success).asDouble() * episodes);
      return episodes == 0
          ? Optional.empty()
          : Optional.of(SuccessRate.of(successes, episodes, new TreeMap<>()));
    }
  }

  /** As a recipe says. */
  public static Keeping of(RunConfig config) {
    Optional<Evidence> best =
        switch (config.mode()) {
          case STATIC -> Optional.empty();
          case HARNESS, COEVOLVE -> Optional.of(Evidence.GATE);
          case MODEL -> Optional.of(Evidence.TRAIN);
        };
    return new Keeping(
        config.checkpoints().keepLast(),
        best.filter(_ -> config.checkpoints().keepBest()),
        config.lag());
  }

  /** At once: those that stay, the first, and the one that is being written. */
  public int most() {
    return last + 2 + (best.isPresent() ? 1 : 0);
  }

  /** Whether a round's checkpoint stays once the newest is complete. */
  boolean keeps(int round, int newest, List<String> metrics) {
    return round == 0
        || round > newest - last
        || best(metrics).filter(one -> one == round).isPresent();
  }

  /**
   * The round that was measured best, by the lower end of the interval, so that a few lucky
   * episodes do not win; the oldest of equals.
   *
   * @param metrics lines of complete rounds
   */
  public Optional<Integer> best(List<String> metrics) {
    Optional<Integer> found = Optional.empty();
    double low = -1;
    for (String line : metrics) {
      JsonNode round = tree(line);
      Optional<SuccessRate> rate = best.flatMap(evidence -> evidence.of(round));
      int number = round.path("round").asInt();
      if (rate.isPresent() && rate.get().low() > low && number > 0) {
        low = rate.get().low();
        found = best.map(evidence -> evidence.measured(number, lag));
      }
    }
    return found;
  }

  private static JsonNode tree(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a line of metrics: " + line, e);
    }
  }
}
