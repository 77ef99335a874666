package dev.tandem.harness.run;

import static dev.tandem.harness.TestTypes.BUDGET;
import static dev.tandem.harness.TestTypes.harness;
import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.Harness;
import dev.tandem.harness.ScriptedModel;
import dev.tandem.harness.TinyHouse;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is thrown ends one episode, for a reason with a name, and everything is closed. */
final class FaultTest {
  private final List<String> closed = new ArrayList<>();

  /** Looks at nothing and tells when it is closed. */
  private ProcessorType witness(String id) {
    return type(
        id,
        0,
        List.of(),
        () ->
            new Processor() {
              @Override
              public Outcome on(Event event) {
                return Outcome.PASS;
              }

              @Override
              public void close() {
                closed.add(id);
              }
            },
        Hook.STEP_END);
  }

  static Stream<Throwable> throwables() {
    return Stream.of(
        new IllegalStateException("gone"),
        new IOException("gone"),
        new AssertionError("gone"),
        new NoClassDefFoundError("gone"),
        new OutOfMemoryError("gone"),
        new StackOverflowError("gone"));
  }

  @SuppressWarnings("unchecked") // so that checked exceptions are thrown as others do it
  private static <E extends Throwable> RuntimeException thrown(Throwable throwable) throws E {
    throw (E) throwable;
  }

  /** TinyHouse, which breaks at one of its methods, from its second step on where it has steps. */
  private record Breaking(TinyHouse house, String at, Throwable throwable) implements World {
    @Override
    public Observation reset() {
      breakAt("reset");
      return house.reset();
    }

    @Override
    public Observation act(String command) {
      breakAt("act");
      return house.act(command);
    }

    @Override
    public List<ToolSpec> tools() {
      breakAt("tools");
      return List.of(new ToolSpec("lever", "Pulls.", "{}"));
    }

    @Override
    public Observation use(ToolUse use) {
      breakAt("use");
      return house.act("look");
    }

    @Override
    public boolean isFinished() {
      breakAt("isFinished");
      return house.isFinished();
    }

    @Override
    public Optional<String> stateHash() {
      breakAt("stateHash");
      return house.stateHash();
    }

    private void breakAt(String method) {
      if (method.equals(at)) {
        throw FaultTest.<RuntimeException>thrown(throwable);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"reset", "act", "tools", "use", "isFinished", "stateHash"})
  void anythingThatAWorldThrowsIsTheEnvironmentsFailure(String at) {
    Model model =
        request ->
            new Model.Completion(
                "look",
                at.equals("use") ? List.of(new ToolUse("a", "lever", "{}")) : List.of(),
                TokenTrace.NONE,
                new Model.Usage(1, 1, 0),
                Model.Finish.STOP);
    throwables()
        .forEach(
            throwable -> {
              closed.clear();
              Episode episode =
                  EpisodeRunner.run(
                      harness(witness("first"), witness("second")),
                      new Breaking(new TinyHouse(), at, throwable),
                      model,
                      BUDGET,
                      1);
              assertThat(episode.exitReason()).isEqualTo(ExitReason.ENVIRONMENT_FAILURE);
              assertThat(episode.detail()).isEqualTo(throwable.toString());
              if (!at.equals("tools")) {
                assertThat(closed).containsExactly("first", "second");
              }
            });
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void anythingThatAModelThrowsIsTheModelsFailure(Throwable throwable) {
    Model broken =
        _ -> {
          throw FaultTest.<RuntimeException>thrown(throwable);
        };
    Episode episode =
        EpisodeRunner.run(harness(witness("first")), new TinyHouse(), broken, BUDGET, 1);
    assertThat(episode.exitReason()).isEqualTo(ExitReason.MODEL_FAILURE);
    assertThat(episode.detail()).isEqualTo(throwable.toString());
    assertThat(closed).containsExactly("first");
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aProcessorThatFailsAtItsCloseSpoilsTheEpisodeAndTheOthersAreClosedAllTheSame(
      Throwable throwable) {
    ProcessorType sticky =
        type(
            "sticky",
            0,
            List.of(),
            () ->
                new Processor() {
                  @Override
                  public Outcome on(Event event) {
                    return Outcome.PASS;
                  }

                  @Override
                  public void close() {
                    throw FaultTest.<RuntimeException>thrown(throwable);
                  }
                },
            Hook.STEP_END);
    Episode episode = run(harness(witness("first"), sticky, witness("last")));
    assertThat(closed).containsExactly("first", "last");
    assertThat(episode.exitReason()).isEqualTo(ExitReason.PROCESSOR_FAILURE);
    assertThat(episode.exitReason().isInfrastructure()).isTrue();
    assertThat(episode.detail()).isEqualTo("processor 'sticky' failed at its close: " + throwable);
    assertThat(episode.steps()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aProcessorThatCannotBeMadeEndsTheEpisodeAndThoseMadeBeforeAreClosed(Throwable throwable) {
    ProcessorType unmade =
        type(
            "unmade",
            0,
            List.of(),
            () -> {
              throw FaultTest.<RuntimeException>thrown(throwable);
            },
            Hook.STEP_END);
    Episode episode = run(harness(witness("first"), unmade));
    assertThat(episode.exitReason()).isEqualTo(ExitReason.PROCESSOR_FAILURE);
    assertThat(episode.detail()).contains("'unmade'", throwable.toString());
    assertThat(closed).containsExactly("first");
  }

  @Test
  void aHarnessThatCannotBeginSaysSoAndLeavesNothingOpen() {
    ProcessorType lacking =
        type(
            "lacking",
            0,
            List.of(),
            () -> {
              throw new HarnessException("a service is missing");
            },
            Hook.STEP_END);
    Harness harness = harness(witness("first"), lacking);
    assertThatThrownBy(() -> run(harness)).isInstanceOf(HarnessException.class);
    assertThat(closed).containsExactly("first");
  }

  @Test
  void whatIsWrongWithTheWholeMachineGoesOn() {
    ProcessorType witness = witness("first");
    Model broken =
        _ -> {
          throw new InternalError("the machine is broken");
        };
    assertThatThrownBy(
            () -> EpisodeRunner.run(harness(witness), new TinyHouse(), broken, BUDGET, 1))
        .isInstanceOf(InternalError.class);
    assertThat(closed).containsExactly("first");
  }

  private static Episode run(Harness harness) {
    return EpisodeRunner.run(harness, new TinyHouse(), new ScriptedModel("look"), BUDGET, 1);
  }
}
