package dev.tandem.rollout.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReplayBufferTest {
  private static final List<TaskSpec> TASKS = new HouseFamily().tasks().tasks(Split.TRAIN, 0, 3);

  private static Trajectory trajectory(int number, TaskSpec task, String harness) {
    return new Trajectory(
        "t" + number,
        Phase.TRAIN,
        1,
        task,
        harness,
        "round-0000",
        number,
        new Episode(List.of(), List.of(), List.of(), ExitReason.STEP_BUDGET, ""),
        new Verdict(false, 0, 0, new TreeMap<>(), List.of()));
  }

  private static List<Trajectory> trajectories(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(number -> trajectory(number, TASKS.get(number % 3), "h"))
        .toList();
  }

  private static List<String> ids(List<Trajectory> trajectories) {
    return trajectories.stream().map(Trajectory::id).toList();
  }

  @Test
  void holdsWhatItWasGivenInOrder() {
    ReplayBuffer buffer = new ReplayBuffer(4);
    buffer.insert(trajectories(0, 3));
    assertThat(ids(buffer.contents())).containsExactly("t0", "t1", "t2");
    assertThat(buffer.capacity()).isEqualTo(4);
  }

  @Test
  void theOldestMakeRoom() {
    ReplayBuffer buffer = new ReplayBuffer(4);
    buffer.insert(trajectories(0, 3));
    buffer.insert(trajectories(3, 6));
    assertThat(ids(buffer.contents())).containsExactly("t2", "t3", "t4", "t5");
    buffer.insert(trajectories(6, 16));
    assertThat(ids(buffer.contents())).containsExactly("t12", "t13", "t14", "t15");
  }

  @Test
  void aRoundOfFewDoesNotKeepStaleOnesAlive() {
    ReplayBuffer buffer = new ReplayBuffer(8, 2);
    buffer.insert(trajectories(0, 4));
    buffer.insert(trajectories(4, 5));
    assertThat(ids(buffer.contents())).containsExactly("t0", "t1", "t2", "t3", "t4");
    buffer.insert(trajectories(5, 7));
    assertThat(ids(buffer.contents())).containsExactly("t4", "t5", "t6");
    buffer.insert(trajectories(7, 14));
    assertThat(ids(buffer.contents()).getFirst()).isEqualTo("t6");
    assertThat(buffer.contents()).hasSize(8);
    assertThatThrownBy(() -> new ReplayBuffer(1, 0))
        .hasMessage("replay rounds must be at least 1, were 0");
  }

  @Test
  void groupsByTaskWhateverTheHarness() {
    ReplayBuffer buffer = new ReplayBuffer(10);
    buffer.insert(
        List.of(
            trajectory(0, TASKS.get(1), "first"),
            trajectory(1, TASKS.get(0), "first"),
            trajectory(2, TASKS.get(1), "second")));
    assertThat(buffer.groups().keySet()).containsExactly(TASKS.get(1).key(), TASKS.get(0).key());
    List<Trajectory> group = buffer.groups().getOrDefault(TASKS.get(1).key(), List.of());
    assertThat(ids(group)).containsExactly("t0", "t2");
    assertThat(group).extracting(Trajectory::harnessHash).containsExactly("first", "second");
  }

  @Test
  void whatItHandedOutDoesNotChange() {
    ReplayBuffer buffer = new ReplayBuffer(2);
    buffer.insert(trajectories(0, 2));
    List<Trajectory> before = buffer.contents();
    buffer.insert(trajectories(2, 4));
    assertThat(ids(before)).containsExactly("t0", "t1");
  }

  @Test
  void refusesACapacityThatHoldsNothing() {
    assertThatThrownBy(() -> new ReplayBuffer(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("replay capacity must be at least 1, was 0");
  }
}
