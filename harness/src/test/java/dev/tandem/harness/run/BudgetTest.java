package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.harness;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.Harness;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.Remaining;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.value.ProcessorSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Money and wall time, with prices and a clock that come in as parameters. */
class BudgetTest {
  private Instant now = Instant.EPOCH;

  /** Each call costs 30 cents and takes 10 seconds. */
  private final Model model =
      request -> {
        now = now.plusSeconds(10);
        return new Model.Completion(
            "go to shelf 1",
            List.of(),
            TokenTrace.NONE,
            new Model.Usage(100, 20, 0.3),
            Model.Finish.STOP);
      };

  private static Budget budget(double money, Duration wallTime) {
    return new Budget(50, 1, 1_000_000, money, wallTime, 0);
  }

  private Episode run(Budget budget, ProcessorType... types) {
    List<ProcessorSpec> specs = new ArrayList<>();
    for (ProcessorType type : types) {
      specs.add(ProcessorSpec.of(type.id()));
    }
    InstantSource clock = () -> now;
    return EpisodeRunner.run(
        Harness.compile(
            new HarnessConfig(specs),
            new ProcessorRegistry(List.of(types)),
            Services.NONE.with(InstantSource.class, clock)),
        new TinyHouse(),
        model,
        budget,
        1);
  }

  @Test
  void moneyEndsTheEpisode() {
    Episode episode = run(budget(1, Budget.UNLIMITED.wallTime()));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.MONEY_BUDGET);
    assertThat(episode.turns()).hasSize(4);
  }

  @Test
  void wallTimeEndsTheEpisodeByTheClockItWasGiven() {
    Episode episode = run(budget(Double.POSITIVE_INFINITY, Duration.ofSeconds(45)));

    assertThat(episode.exitReason()).isEqualTo(ExitReason.WALL_TIME_BUDGET);
    assertThat(episode.turns()).hasSize(5);
  }

  @Test
  void processorsSeeWhatIsLeft() {
    List<Remaining> seen = new ArrayList<>();
    ProcessorType watcher =
        type(
            "watcher",
            event -> {
              seen.add(((Event.BeforeModel) event).remaining());
              return Outcome.PASS;
            },
            Hook.BEFORE_MODEL);

    run(budget(1, Duration.ofMinutes(1)), watcher);

    assertThat(seen.getFirst()).isEqualTo(new Remaining(50, 1_000_000, 1, Duration.ofMinutes(1)));
    assertThat(seen.get(1).steps()).isEqualTo(49);
    assertThat(seen.get(1).tokens()).isEqualTo(1_000_000 - 120);
    assertThat(seen.get(1).money()).isEqualTo(0.7);
    assertThat(seen.get(1).time()).isEqualTo(Duration.ofSeconds(50));
  }

  @Test
  void withoutALimitNobodyLooksAtTheClock() {
    InstantSource broken =
        () -> {
          throw new AssertionError("the clock was read");
        };
    Harness harness =
        Harness.compile(
            HarnessConfig.of(),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(InstantSource.class, broken));

    assertThat(EpisodeRunner.run(harness, new TinyHouse(), model, new Budget(2, 1, 1_000), 1))
        .extracting(Episode::exitReason)
        .isEqualTo(ExitReason.STEP_BUDGET);
  }

  @Test
  void senselessLimitsAreRefused() {
    assertThatThrownBy(() -> budget(0, Duration.ofSeconds(1)))
        .hasMessage("money of a budget must be above 0, was 0.0");
    assertThatThrownBy(() -> budget(Double.NaN, Duration.ofSeconds(1)))
        .hasMessageContaining("money");
    assertThatThrownBy(() -> budget(1, Duration.ZERO)).hasMessageContaining("wall time");
  }

  @Test
  void exceptionOfAProcessorEndsTheEpisodeAndCountsAgainstNobody() {
    ProcessorType broken =
        type(
            "broken",
            event -> {
              if (event.step() == 1) {
                throw new IllegalStateException("off by one");
              }
              return Outcome.PASS;
            },
            Hook.AFTER_MODEL);
    List<ExitReason> told = new ArrayList<>();
    ProcessorType last =
        type(
            "last",
            event -> {
              told.add(((Event.TaskEnd) event).exitReason());
              return Outcome.PASS;
            },
            Hook.TASK_END);

    Episode episode = run(budget(9, Budget.UNLIMITED.wallTime()), broken, last);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.PROCESSOR_FAILURE);
    assertThat(episode.detail()).contains("broken", "after_model", "step 1", "off by one");
    assertThat(episode.exitReason().isInfrastructure()).isTrue();
    assertThat(told).containsExactly(ExitReason.PROCESSOR_FAILURE);
  }

  @Test
  void modelThatFailsInsideAProcessorIsStillInfrastructure() {
    ProcessorType judge =
        type(
            "judge",
            _ -> {
              throw new Model.ModelException("judge is out", new IllegalStateException());
            },
            Hook.STEP_END);

    assertThat(run(budget(9, Budget.UNLIMITED.wallTime()), judge).exitReason())
        .isEqualTo(ExitReason.MODEL_FAILURE);
  }

  @Test
  void observersMayOnlyPassEventsOn() {
    ProcessorType nosy =
        new ProcessorType(
            "nosy",
            "Says that it only looks on.",
            "nosy",
            Dimension.OBSERVABILITY,
            Set.of(Hook.BEFORE_MODEL),
            0,
            List.of(),
            Set.of(),
            List.of(),
            _ ->
                event ->
                    new Outcome.Transform(((Event.BeforeModel) event).withLastContent("psst")));

    Episode episode =
        EpisodeRunner.run(harness(nosy), new TinyHouse(), model, new Budget(2, 1, 1_000), 1);

    assertThat(episode.exitReason()).isEqualTo(ExitReason.STEP_BUDGET);
    assertThat(episode.observerFailures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.processor()).isEqualTo("nosy");
              assertThat(failure.where()).isEqualTo("before_model");
              assertThat(failure.reason()).contains("only observes", "psst");
              assertThat(failure.times()).isEqualTo(2);
            });
  }

  @Test
  void restructuredHistoryStartsASegment() {
    ProcessorType compaction =
        type(
            "compaction",
            event -> {
              Event.StepStart start = (Event.StepStart) event;
              return start.step() == 3
                  ? new Outcome.Transform(
                      new Event.StepStart(
                          3, start.observation(), List.of(Message.user("three steps back"))))
                  : Outcome.PASS;
            },
            Hook.STEP_START);

    Episode episode =
        EpisodeRunner.run(harness(compaction), new TinyHouse(), model, new Budget(5, 1, 9_999), 1);

    assertThat(episode.segments())
        .containsExactly(new Segment(0, 3, ""), new Segment(3, 5, "compaction"));
  }
}
