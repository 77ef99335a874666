package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelConfig;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.model.RetryPolicy;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.processor.evaluation.CompletionCheck;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ProcessorSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Control, safety and judging: what is stopped, what is asked again, and what is said of it. */
final class GuardProcessorsTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private final TinyHouse house = new TinyHouse();

  private ScriptedModel play(Services services, ProcessorSpec processor, String... script) {
    return play(services, processor, new Budget(script.length, 3, 1_000_000), script);
  }

  private ScriptedModel play(
      Services services, ProcessorSpec processor, Budget budget, String... script) {
    ScriptedModel model = new ScriptedModel(script);
    EpisodeRunner.run(
        Harness.compile(HarnessConfig.of(processor), ProcessorRegistry.builtIn(), services),
        house,
        model,
        budget,
        1);
    return model;
  }

  private ScriptedModel play(ProcessorSpec processor, String... script) {
    return play(Services.NONE, processor, script);
  }

  @Test
  void budgetsThatRunOutAreTold() {
    Instant[] now = {Instant.EPOCH};
    Services clock = Services.NONE.with(InstantSource.class, () -> now[0] = now[0].plusSeconds(1));
    ScriptedModel model =
        play(
            clock,
            ProcessorSpec.of("budget_notice", Map.of("tokens_below", 15, "seconds_below", 1000)),
            new Budget(3, 1, 20, Double.POSITIVE_INFINITY, Duration.ofMinutes(15), 0),
            "go to shelf 1",
            "go to table 1",
            "go to shelf 1");
    assertThat(model.prompts().get(0)).doesNotContain("tokens").contains("seconds left : 8");
    assertThat(model.prompts().get(2)).contains("tokens left : 12 .").contains("seconds left : 8");
  }

  @Test
  void moneyThatRunsOutIsTold() {
    ScriptedToolUser model = new ScriptedToolUser("done", CounterWorld.add("a", 1));
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("budget_notice", Map.of("money_below", 0.9))),
            REGISTRY),
        new CounterWorld(),
        model,
        new Budget(9, 1, 1_000_000, 1.0, Duration.ofDays(1), 0),
        1);
    assertThat(model.prompts()).containsExactly("count to 5", "money left : 0.75 .");
  }

  @Test
  void theSameCallIsBlockedAfterTooManyTimesWhateverTheSituation() {
    ScriptedModel model =
        play(
            ProcessorSpec.of("repetition_guard", Map.of("times", 2, "window", 6)),
            "go to shelf 1",
            "go to table 1",
            "go to shelf 1",
            "go to table 1",
            "go to shelf 1",
            "x");
    assertThat(house.commands).hasSize(5).endsWith("go to table 1", "x");
    assertThat(model.prompts().getLast())
        .isEqualTo("you did go to shelf 1 too often . do something else .");
  }

  @Test
  void callsOfOneNameAreCountedTogether() {
    play(
        ProcessorSpec.of(
            "repetition_guard", Map.of("by", "name", "times", 2, "action", "interrupt")),
        "go to shelf 1",
        "take mug 1 from shelf 1",
        "go to table 1",
        "go to cabinet 1",
        "x");
    assertThat(house.commands)
        .containsExactly("go to shelf 1", "take mug 1 from shelf 1", "go to table 1");
  }

  @Test
  void afterFruitlessStepsTheModelMustDecideForSomethingUntried() {
    ScriptedModel model =
        play(
            ProcessorSpec.of("decision_forcing", Map.of("after", 2)),
            "jump",
            "sing",
            "go to shelf 1",
            "x");
    assertThat(model.prompts().get(1)).doesNotContain("decide");
    assertThat(model.prompts().get(2))
        .isEqualTo("nothing happens . nothing changes . decide now for something new .");
    assertThat(model.requests.get(2).choices())
        .containsExactly("go to shelf 1", "go to table 1", "go to cabinet 1");
    assertThat(model.requests.get(3).choices()).isEmpty();
  }

  @Test
  void decisionForcingTakesAwayWhatWasTriedInVain() {
    ProcessorType blocker =
        TestTypes.type("blocker", _ -> new Outcome.Intercept("locked ."), Hook.BEFORE_TOOL);
    ScriptedModel model = new ScriptedModel("go to shelf 1", "go to table 1");
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(
                ProcessorSpec.of("decision_forcing", Map.of("after", 1)),
                ProcessorSpec.of("blocker")),
            ProcessorRegistry.builtIn().with(blocker)),
        house,
        model,
        new Budget(2, 1, 1_000),
        1);
    assertThat(model.requests.get(1).choices()).containsExactly("go to table 1", "go to cabinet 1");
  }

  @Test
  void aLoopLeadsToTheDecisionForcingThatComesWithTandem() {
    ScriptedModel model =
        play(
            Services.NONE,
            ProcessorSpec.of("swap_on_loop", Map.of("repeats", 1)),
            new Budget(9, 1, 1_000_000),
            "jump");
    assertThat(model.requests.getLast().choices()).isNotEmpty();
    assertThat(model.prompts().getLast()).contains("decide now");
  }

  @Test
  void whatCannotBeUndoneMustBeSaidTwiceInARow() {
    ProcessorSpec gate = ProcessorSpec.of("confirmation_gate", Map.of("calls", List.of("take*")));
    String take = "take mug 1 from shelf 1";
    ScriptedModel model =
        play(gate, "go to shelf 1", take, "go to table 1", "go to shelf 1", take, take);
    assertThat(house.commands)
        .containsExactly("go to shelf 1", "go to table 1", "go to shelf 1", take);
    assertThat(model.prompts().get(2))
        .isEqualTo("that cannot be undone . say it once more to do it .");
  }

  @Test
  void whatIsDeniedNeverHappens() {
    play(
        ProcessorSpec.of("confirmation_gate", Map.of("calls", List.of("take*"), "policy", "deny")),
        "go to shelf 1",
        "take mug 1 from shelf 1",
        "take mug 1 from shelf 1");
    assertThat(house.commands).containsExactly("go to shelf 1");
  }

  @Test
  void anAgentThatWouldFinishTooEarlyIsToldWhatIsMissing() {
    CompletionCheck check =
        (observation, answer) ->
            observation.facts().texts("holding").isEmpty()
                ? Optional.of("you hold nothing .")
                : Optional.empty();
    ScriptedModel model =
        play(
            Services.NONE.with(CompletionCheck.class, check, "empty hands"),
            ProcessorSpec.of("verifier_bridge"),
            new Budget(3, 2, 1_000_000),
            "finish",
            "go to shelf 1",
            "take mug 1 from shelf 1",
            "finish");
    assertThat(model.prompts().get(1)).endsWith("not done yet : you hold nothing .");
    assertThat(house.commands)
        .containsExactly("go to shelf 1", "take mug 1 from shelf 1", "finish");
  }

  @Test
  void theFirstFinalAnswerIsCheckedOnce() {
    CounterWorld world = new CounterWorld();
    ScriptedModel model = new ScriptedModel("three", "five");
    EpisodeRunner.run(
        Harness.compile(HarnessConfig.of(ProcessorSpec.of("self_verification")), REGISTRY),
        world,
        model,
        new Budget(3, 3, 1_000_000),
        1);
    assertThat(world.said).containsExactly("five");
    assertThat(model.prompts().getLast()).contains("check that every part");
  }

  @Test
  void theJudgeIsOnTheEpisodesAccountAndInItsRandomStreams() {
    Set<Long> seeds = new LinkedHashSet<>();
    Model judge =
        request -> {
          seeds.add(request.seed());
          return new Model.Completion(
              "yes", List.of(), TokenTrace.NONE, new Model.Usage(100, 10, 0.5), Model.Finish.STOP);
        };
    ScriptedModel main = new ScriptedModel("go to shelf 1");
    Models models =
        Models.of(
            new ModelConfig(
                Map.of(ModelRole.MAIN, List.of("main"), ModelRole.JUDGE, List.of("judge")),
                new TreeMap<>(),
                RetryPolicy.DEFAULT),
            Map.of("main", main, "judge", judge),
            duration -> {});
    Harness harness =
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("model_judge", Map.of("when", "every"))),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(Models.class, models));
    Budget budget = new Budget(50, 3, 1_000_000, 1.2, Budget.UNLIMITED.wallTime(), 0);

    Episode episode = EpisodeRunner.run(harness, new TinyHouse(), models.main(), budget, 1);
    EpisodeRunner.run(harness, new TinyHouse(), models.main(), budget, 2);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.MONEY_BUDGET);
    assertThat(episode.spending())
        .containsOnlyKeys(ModelRole.MAIN, ModelRole.JUDGE)
        .containsEntry(ModelRole.JUDGE, new ModelSpending(3, new Model.Usage(300, 30, 1.5)))
        .hasEntrySatisfying(ModelRole.MAIN, spending -> assertThat(spending.calls()).isEqualTo(3));
    assertThat(seeds).as("one of its own for each step of each episode").hasSize(6);
    assertThat(main.requests).extracting(Model.Request::seed).doesNotContainAnyElementsOf(seeds);
  }

  @Test
  void aJudgeOfItsOwnRoleObjects() {
    List<String> judged = new ArrayList<>();
    Model judge =
        request -> {
          judged.add(request.messages().getLast().content());
          return new Model.Completion(
              judged.size() == 1 ? "No, that is a jump." : "yes", TokenTrace.NONE);
        };
    ScriptedModel main = new ScriptedModel("jump", "go to shelf 1");
    Models models =
        Models.of(
            new ModelConfig(
                Map.of(ModelRole.MAIN, List.of("main"), ModelRole.JUDGE, List.of("judge")),
                new TreeMap<>(),
                RetryPolicy.DEFAULT),
            Map.of("main", main, "judge", judge),
            duration -> {});
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("model_judge", Map.of("when", "every"))),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(Models.class, models)),
        house,
        models.main(),
        new Budget(1, 3, 1_000_000),
        1);
    assertThat(judged)
        .containsExactly(
            "goal : take two mug\nsituation : you wake up .\nproposed : jump",
            "goal : take two mug\nsituation : you wake up .\nproposed : go to shelf 1");
    assertThat(main.prompts().getLast())
        .endsWith("a judge says this is not right . that is a jump.");
    assertThat(house.commands).containsExactly("go to shelf 1");
  }
}
