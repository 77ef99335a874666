package dev.tandem.harness.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tandem.harness.model.Model.FailureKind;
import dev.tandem.harness.value.HarnessException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ModelsTest {
  private static final Model.Request REQUEST =
      new Model.Request(List.of(Message.user("hello")), List.of(), 1);

  private final List<String> calls = new ArrayList<>();
  private final List<Duration> waits = new ArrayList<>();

  /** Fails in these ways, one after the other, and then answers with its name. */
  private Model provider(String name, FailureKind... failures) {
    return new Model() {
      private int next;

      @Override
      public Completion complete(Request request) {
        calls.add(name);
        if (next < failures.length) {
          throw new ModelException(failures[next++], name + " failed", new IllegalStateException());
        }
        return new Completion(
            name, List.of(), TokenTrace.NONE, new Usage(2_000_000, 500_000, 0), Finish.STOP);
      }
    };
  }

  private Model main(Model first, Model second) {
    ModelConfig config =
        new ModelConfig(
            Map.of(ModelRole.MAIN, List.of("first", "second")),
            new TreeMap<>(Map.of("first", new Price(1, 4), "second", new Price(10, 20))),
            RetryPolicy.DEFAULT);
    return Models.of(config, Map.of("first", first, "second", second), waits::add).main();
  }

  private static FailureKind[] times(int count, FailureKind kind) {
    FailureKind[] failures = new FailureKind[count];
    Arrays.fill(failures, kind);
    return failures;
  }

  @Test
  void rateLimitIsWaitedOutWithLongerAndLongerPauses() {
    Model.Completion answer =
        main(provider("first", times(3, FailureKind.RATE_LIMITED)), provider("second"))
            .complete(REQUEST);

    assertThat(answer.text()).isEqualTo("first");
    assertThat(waits)
        .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(8));
  }

  @Test
  void rejectionIsNotRetriedAndTheFallbackAnswersAtItsOwnPrice() {
    Model.Completion answer =
        main(provider("first", FailureKind.REJECTED), provider("second")).complete(REQUEST);

    assertThat(calls).containsExactly("first", "second");
    assertThat(waits).isEmpty();
    assertThat(answer.usage().money()).isEqualTo(2 * 10 + 0.5 * 20);
  }

  @Test
  void attemptsAreCountedByTheKindOfTheFailure() {
    main(provider("first", times(99, FailureKind.CONNECTION)), provider("second"))
        .complete(REQUEST);

    assertThat(calls).containsExactly("first", "first", "first", "second");
  }

  @Test
  void whenNobodyAnswersTheErrorNamesEverybodyAndKeepsTheKind() {
    Model model =
        main(
            provider("first", times(9, FailureKind.TIMEOUT)),
            provider("second", times(9, FailureKind.REJECTED)));

    Model.ModelException failure =
        catchThrowableOfType(Model.ModelException.class, () -> model.complete(REQUEST));

    assertThat(failure)
        .hasMessageContaining("[first, second]")
        .hasMessageContaining("3 attempts")
        .hasMessageContaining("second failed");
    assertThat(failure.kind()).isEqualTo(FailureKind.REJECTED);
    assertThat(failure.getSuppressed()).hasSize(2);
  }

  @Test
  void waitsGrowToTheLongestAndNoFurther() {
    Retry retry = new Retry(9, Duration.ofSeconds(1), 3, Duration.ofSeconds(10));

    assertThat(List.of(retry.before(1), retry.before(2), retry.before(3), retry.before(8)))
        .containsExactly(
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(9),
            Duration.ofSeconds(10));
  }

  @Test
  void everythingWrongWithAConfigurationIsToldAtOnce() {
    assertThat(
            catchThrowableOfType(
                    HarnessException.class,
                    () ->
                        new ModelConfig(
                            Map.of(ModelRole.JUDGE, List.of("a", "a"), ModelRole.META, List.of()),
                            new TreeMap<>(Map.of("b", Price.FREE)),
                            RetryPolicy.DEFAULT))
                .problems())
        .containsExactlyInAnyOrder(
            "the role 'main' needs a provider: name one",
            "the role 'meta' needs a provider: name one",
            "the role 'judge' names the provider 'a' twice: remove one",
            "there is a price for the provider 'b', which no role names: remove it or correct the"
                + " name");
  }

  @Test
  void rolesAreIndependentAndUnboundProvidersAreRefused() {
    ModelConfig config =
        new ModelConfig(
            Map.of(ModelRole.MAIN, List.of("small"), ModelRole.JUDGE, List.of("large")),
            new TreeMap<>(),
            RetryPolicy.DEFAULT);
    Models models =
        Models.of(config, Map.of("small", provider("small"), "large", provider("large")), _ -> {});

    assertThat(models.main().complete(REQUEST).text()).isEqualTo("small");
    assertThat(models.find(ModelRole.JUDGE).orElseThrow().complete(REQUEST).text())
        .isEqualTo("large");
    assertThat(models.find(ModelRole.META)).isEmpty();
    assertThatThrownBy(() -> Models.of(config, Map.of("small", provider("small")), _ -> {}))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("the role 'judge' names the provider 'large'");
  }
}
