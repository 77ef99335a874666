package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.FragileHouse;
import dev.tandem.rollout.MaskedAgent;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.TrajectoryText;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LocalRolloutExecutorTest {
  /** For runs whose progress nobody watches. */
  private static void unseen(int count) {}

  private static List<Trajectory> run(
      EnvironmentFamily family, int concurrency, int episodes, ModelProvider agent) {
    return result(family, concurrency, episodes, agent).trajectories();
  }

  private static RolloutResult result(
      EnvironmentFamily family, int concurrency, int episodes, ModelProvider agent) {
    return new LocalRolloutExecutor(
            family,
            LocalRolloutExecutor.Settings.forWorld(family.capabilities())
                .withConcurrency(concurrency))
        .run(MaskedAgent.plans(family, episodes), agent, LocalRolloutExecutorTest::unseen);
  }

  private static List<String> lines(List<Trajectory> trajectories) {
    return trajectories.stream().map(TrajectoryText::of).toList();
  }

  @Test
  void givesTrajectoriesInTheOrderOfThePlans() {
    List<Trajectory> trajectories = run(new HouseFamily(), 3, 10, new MaskedAgent());
    List<EpisodePlan> plans = MaskedAgent.plans(new HouseFamily(), 10);
    assertThat(trajectories).hasSameSizeAs(plans);
    for (int i = 0; i < plans.size(); i++) {
      Trajectory trajectory = trajectories.get(i);
      assertThat(trajectory.id()).isEqualTo(plans.get(i).id());
      assertThat(trajectory.task()).isEqualTo(plans.get(i).task());
      assertThat(trajectory.seed()).isEqualTo(plans.get(i).seed());
      assertThat(trajectory.harnessHash()).isEqualTo(plans.get(i).harness().hash());
      assertThat(trajectory.checkpoint()).isEqualTo("masked");
      assertThat(trajectory.round()).isEqualTo(1);
      assertThat(trajectory.episode().steps()).isNotEmpty();
    }
  }

  @Test
  void reportsEveryEpisodeOnceEvenWhenSomeAreRunAgain() {
    List<Integer> reported = new ArrayList<>();
    FragileHouse family = FragileHouse.mendingFirst(2);
    new LocalRolloutExecutor(family, LocalRolloutExecutor.Settings.forWorld(family.capabilities()))
        .run(MaskedAgent.plans(family, 5), new MaskedAgent(), reported::add);
    assertThat(reported.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5);
  }

  @Test
  void equalSeedsGiveEqualTracesWhateverTheConcurrency() {
    List<String> first = lines(run(new HouseFamily(), 64, 24, new MaskedAgent()));
    assertThat(lines(run(new HouseFamily(), 64, 24, new MaskedAgent()))).isEqualTo(first);
    assertThat(lines(run(new HouseFamily(), 1, 24, new MaskedAgent()))).isEqualTo(first);
    assertThat(first).doesNotHaveDuplicates();
  }

  @Test
  void runsEpisodesAgainThatTheModelFailedAsIfItHadNot() {
    List<Trajectory> disturbed = run(new HouseFamily(), 64, 6, new MaskedAgent(2));
    assertThat(lines(disturbed)).isEqualTo(lines(run(new HouseFamily(), 64, 6, new MaskedAgent())));
  }

  @Test
  void runsEpisodesAgainThatTheEnvironmentFailed() {
    List<Trajectory> disturbed = run(FragileHouse.mendingFirst(4), 64, 6, new MaskedAgent());
    assertThat(lines(disturbed)).isEqualTo(lines(run(new HouseFamily(), 64, 6, new MaskedAgent())));
  }

  @Test
  void keepsAsFailuresWhatStaysBrokenUpToATenth() {
    RolloutResult result = result(FragileHouse.breakingFirst(2), 64, 20, new MaskedAgent());
    assertThat(result.trajectories()).hasSize(18);
    assertThat(result.failures())
        .extracting(FailedEpisode::id, FailedEpisode::reason)
        .containsExactly(
            tuple("r0001-0", ExitReason.ENVIRONMENT_FAILURE),
            tuple("r0001-1", ExitReason.ENVIRONMENT_FAILURE));
    assertThat(result.failures().getFirst().detail()).contains("the roof came down");
  }

  @Test
  void declaresARoundPoisonedWhenMoreThanATenthStaysBroken() {
    assertThatThrownBy(() -> run(FragileHouse.breakingFirst(3), 64, 20, new MaskedAgent()))
        .isInstanceOf(PoisonedRoundException.class)
        .hasMessageStartingWith("3 of 20 episodes failed for reasons outside the agent")
        .hasMessageContaining("the roof came down");
  }

  @Test
  void declaresARoundPoisonedWhenTheModelStaysOutOfReach() {
    assertThatThrownBy(
            () -> run(new HouseFamily(), 64, 4, new MaskedAgent(/* failingBatches= */ 1000)))
        .isInstanceOf(PoisonedRoundException.class)
        .hasMessageStartingWith("4 of 4 episodes failed")
        .hasMessageContaining("out of reach");
  }

  @Test
  void refusesToRunNothingAtOnce() {
    assertThatThrownBy(
            () -> LocalRolloutExecutor.Settings.forWorld(Capabilities.ALL).withConcurrency(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("concurrency must be at least 1, was 0");
  }

  /** Answers the highest key alone, as a session may whose responses differ in length. */
  private static ModelProvider outOfOrder(ModelProvider model) {
    return new ModelProvider() {
      @Override
      public List<Model.Answer> complete(List<Model.Request> requests) {
        return model.complete(requests);
      }

      @Override
      public CompletionSession session(int concurrency) {
        TreeMap<Long, Model.Request> waiting = new TreeMap<>();
        return new CompletionSession() {
          @Override
          public void submit(long key, Model.Request request) {
            waiting.put(key, request);
          }

          @Override
          public List<Finished> advance() {
            Map.Entry<Long, Model.Request> last = waiting.pollLastEntry();
            return List.of(
                new Finished(last.getKey(), complete(List.of(last.getValue())).getFirst()));
          }

          @Override
          public void close() {
            waiting.clear();
          }
        };
      }

      @Override
      public String checkpoint() {
        return model.checkpoint();
      }
    };
  }

  @Test
  void aSessionGivesTheEpisodesThatWavesGive() {
    List<String> waves = lines(run(new HouseFamily(), 8, 24, new MaskedAgent()));
    assertThat(lines(run(new HouseFamily(), 8, 24, outOfOrder(new MaskedAgent()))))
        .isEqualTo(waves);
  }
}
