package dev.tandem.aegis.critique;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class RegressionsTest {
  private static final Factor GUARD = Factor.toggle("guard");
  private static final Factor NOTE = Factor.toggle("note");
  private static final Lever SHIPPED = new Lever("guard", "on");
  private static final Regressions.Ship SHIP = new Regressions.Ship("r0002-1", 2, List.of(SHIPPED));
  private static final List<TaskRecord> LOST =
      List.of(new TaskRecord(1, 2, 2), new TaskRecord(2, 2, 2), new TaskRecord(3, 0, 2));
  private static final List<TaskRecord> KEPT =
      List.of(new TaskRecord(1, 2, 2), new TaskRecord(2, 2, 2), new TaskRecord(3, 2, 2));

  private static final Predicate<Lever> IN_FORCE = SHIPPED::equals;

  private static Regressions regressions(
      int lost, List<TaskRecord> records, List<Regressions.Ship> ships, Predicate<Lever> inForce) {
    Map<String, List<TaskRecord>> history = new HashMap<>();
    List<TaskDigest> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      TaskRecord now = (i < lost ? records : KEPT).getLast();
      history.put("t" + i, i < lost ? records : KEPT);
      TreeMap<FailureCategory, List<Anchor>> failures = new TreeMap<>();
      if (i < lost) {
        failures.put(FailureCategory.LOST_PROGRESS, List.of(new Anchor("e", 1)));
      }
      tasks.add(
          new TaskDigest(
              "t" + i,
              "place",
              now.attempts(),
              now.successes(),
              failures,
              new TreeSet<>(),
              new TreeSet<>(),
              0,
              List.of()));
    }
    return Regressions.of(tasks, history, ships, inForce);
  }

  private static Bundle bundle(Factor factor, String from, String to) {
    Assignment incumbent = Assignment.REFERENCE.with(GUARD, "on");
    return Bundle.of(
        incumbent,
        List.of(new Assignment.Change(factor, from, to)),
        EffectModel.fit(Evidence.NONE, List.of(GUARD, NOTE), 3, EffectSettings.DEFAULTS));
  }

  private static final Bundle ANOTHER = bundle(NOTE, "off", "on");

  @Test
  void blocksWhatDoesNothingAboutTasksThatAShipHasLost() {
    List<Regressions.Lost> lost =
        regressions(4, LOST, List.of(SHIP), IN_FORCE).unaddressed(ANOTHER, Set.of());

    assertThat(lost).extracting(Regressions.Lost::task).containsExactly("t0", "t1", "t2", "t3");
    assertThat(Regressions.reason(lost))
        .isEqualTo(
            "4 tasks that were safely solved are lost since r0002-1 shipped, such as t0 (solved"
                + " until round 2), and the bundle neither takes any of it back nor is meant to"
                + " cure [lost_progress]");
  }

  @Test
  void letsThroughWhatTakesItBackOrIsMeantToCureIt() {
    Regressions standing = regressions(4, LOST, List.of(SHIP), IN_FORCE);

    assertThat(standing.unaddressed(ANOTHER, Set.of(FailureCategory.LOST_PROGRESS))).isEmpty();
    assertThat(standing.unaddressed(bundle(GUARD, "on", "off"), Set.of())).isEmpty();
  }

  @Test
  void blamesNoShipThatIsOutAgainOrCameBeforeOrAfter() {
    assertThat(regressions(4, LOST, List.of(SHIP), lever -> false).standing()).isEmpty();
    for (int round : List.of(1, 3)) {
      Regressions.Ship other = new Regressions.Ship("r", round, List.of(SHIPPED));
      assertThat(regressions(4, LOST, List.of(other), IN_FORCE).standing()).isEmpty();
    }
  }

  /** Of ten tasks that were solved in four attempts of four, half a one is lost by chance. */
  @Test
  void takesOneLostTaskForChance() {
    assertThat(regressions(1, LOST, List.of(SHIP), IN_FORCE).standing()).isEmpty();
    assertThat(regressions(3, LOST, List.of(SHIP), IN_FORCE).standing()).hasSize(3);
  }

  @Test
  void standsUntilTheTasksAreSolvedAgain() {
    List<TaskRecord> still = new ArrayList<>(LOST);
    still.add(new TaskRecord(4, 0, 2));
    List<TaskRecord> solved = new ArrayList<>(LOST);
    solved.add(new TaskRecord(4, 1, 2));

    assertThat(regressions(4, still, List.of(SHIP), IN_FORCE).standing()).hasSize(4);
    assertThat(regressions(4, solved, List.of(SHIP), IN_FORCE).standing()).isEmpty();
  }
}
