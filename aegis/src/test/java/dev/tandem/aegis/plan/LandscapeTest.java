package dev.tandem.aegis.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestFailures;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LandscapeTest {
  private static final Lever GUARD = new Lever("guard", "guard");
  private static final Lever SEARCHED = new Lever("searched", "searched");

  private static final List<Trajectory> EPISODES = episodes();

  private static final List<HitRate> RATES =
      List.of(
          new HitRate(HitRate.Of.LEVER, "searched=searched", 2, 5),
          new HitRate(HitRate.Of.LEVER, "guard=guard", 3, 4),
          new HitRate(HitRate.Of.TYPE, "memory", 5, 9));

  private static final List<Concern> CONCERNS =
      List.of(
          new Concern(4, Concern.Source.GATE, List.of(SEARCHED, GUARD), "a gain is out of reach"),
          new Concern(3, Concern.Source.CRITIC, List.of(GUARD), "it keeps shipping"));

  private static List<Trajectory> episodes() {
    List<Trajectory> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(
          TestEpisodes.episode(
              "r0004-%05d".formatted(i),
              TestEpisodes.task(Split.TRAIN, i % 4 < 2 ? "place" : "two", i % 4),
              "h",
              i % 4 == 1,
              i % 3 == 0
                  ? TestFailures.steps("fine", "repeated_action")
                  : TestFailures.steps("searched_again", "fine", "forgotten")));
    }
    return all;
  }

  private static LandscapeSummary summary(List<Trajectory> episodes, Standing standing) {
    return Planner.plan(
            new Digester(TestRegistry.REGISTRY, new TestFailures())
                .digest(
                    TestRegistry.BARE,
                    episodes::forEach,
                    Map.of("test/2", List.of(new TaskRecord(1, 2, 2), new TaskRecord(2, 2, 2)))),
            standing)
        .summary();
  }

  private static Standing standing(List<HitRate> rates, List<Concern> concerns) {
    return new Standing(
        new TreeSet<>(Set.of(FailureCategory.REPEATED_ACTION, TestFailures.SEARCHED_AGAIN)),
        rates,
        concerns);
  }

  @Test
  void saysWhatThereIsToGainAndWhatStands() {
    assertThat(summary(EPISODES, standing(RATES, CONCERNS)).text())
        .isEqualTo(
            """
            4 tasks, 12 attempts, 3 successes
            lost, though safely solved before: test/2
            forgotten in two: to blame for 0.8 tasks, seen in 2, lost before: 1; look at r0004-00002, step 2
            searched_again in two: to blame for 0.8 tasks, seen in 2, lost before: 1; look at r0004-00002, step 0
            repeated_action in two: to blame for 0.4 tasks, seen in 2, lost before: 1; look at r0004-00006, step 1
            forgotten in place: to blame for 0.4 tasks, seen in 1; look at r0004-00004, step 2
            searched_again in place: to blame for 0.4 tasks, seen in 1; look at r0004-00004, step 0
            repeated_action in place: to blame for 0.2 tasks, seen in 1; look at r0004-00000, step 1
            neglected: forgotten (1.2 tasks): nothing in force and no lever in play is meant to cure it
            predictions about changes of memory: 5 of 9 came true
            predictions about guard=guard: 3 of 4 came true
            predictions about searched=searched: 2 of 5 came true
            round 3, critic, on guard=guard: it keeps shipping
            round 4, gate, on guard=guard, searched=searched: a gain is out of reach
            """);
  }

  @Test
  void isOneObjectOfJson() throws JsonProcessingException {
    LandscapeSummary summary =
        summary(EPISODES.subList(0, 1), standing(RATES.subList(1, 2), CONCERNS.subList(1, 2)));

    assertThat(summary.json())
        .isEqualTo(
            "{\"attempts\":1,\"clusters\":[{\"category\":\"place\",\"failure\":\"repeated_action\","
                + "\"regressions\":0,\"seen\":{\"step\":1,\"trajectory\":\"r0004-00000\"},"
                + "\"tasks\":1,\"weight\":1.0}],\"concerns\":[{\"levers\":[{\"factor\":\"guard\","
                + "\"level\":\"guard\"}],\"reason\":\"it keeps shipping\",\"round\":3,"
                + "\"source\":\"CRITIC\"}],\"hitRates\":[{\"hits\":3,\"name\":\"guard=guard\","
                + "\"of\":\"LEVER\",\"scored\":4}],\"neglected\":[],\"regressions\":[],"
                + "\"successes\":0,\"tasks\":1}");
    assertThat(new JsonMapper().readValue(summary.json(), LandscapeSummary.class))
        .isEqualTo(summary);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void isTheSameWhateverTheOrder(int seed) {
    List<Trajectory> episodes = new ArrayList<>(EPISODES);
    List<HitRate> rates = new ArrayList<>(RATES);
    List<Concern> concerns = new ArrayList<>(CONCERNS);
    List.of(episodes, rates, concerns).forEach(list -> Collections.shuffle(list, new Random(seed)));
    LandscapeSummary usual = summary(EPISODES, standing(RATES, CONCERNS));

    LandscapeSummary shuffled = summary(episodes, standing(rates, concerns));

    assertThat(shuffled.json()).isEqualTo(usual.json());
    assertThat(shuffled.text()).isEqualTo(usual.text());
  }

  @Test
  void relaysAConcernForThreeRoundsOrUntilItIsSettled() {
    List<Concern> later = Standing.concerns(CONCERNS, List.of(), Set.of(SEARCHED), /* round= */ 5);

    assertThat(later)
        .containsExactly(
            CONCERNS.getLast(),
            new Concern(4, Concern.Source.GATE, List.of(GUARD), "a gain is out of reach"));
    assertThat(Standing.concerns(later, List.of(), Set.of(), 6))
        .extracting(Concern::round)
        .containsExactly(4);
    Concern again =
        new Concern(6, Concern.Source.CRITIC, List.of(GUARD), "it still keeps shipping");
    assertThat(Standing.concerns(CONCERNS, List.of(again), Set.of(), 6))
        .containsExactly(CONCERNS.getFirst(), again);
  }
}
