package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.MaskedAgent;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Providers that hang and hear nothing hold up nobody. */
@Timeout(30)
final class StuckProviderTest {
  private static final String SENTENCE =
      "the model provider 'deaf' did not return from a call within its deadline of 0.5 s, nor when"
          + " it was interrupted, and is not called any more";

  /** Released when nobody needs it any more. */
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void release() {
    release.countDown();
  }

  /** What it hangs in. */
  enum Place {
    COMPLETE,
    SESSION,
    SUBMIT,
    ADVANCE,
    ADVANCE_AND_WAKE,
    CHECKPOINT
  }

  /** Answers so many batches and hangs in the next, whatever it is told. */
  private final class Deaf implements ModelProvider {
    private final Place place;
    private final AtomicInteger sound;
    private final AtomicInteger hung = new AtomicInteger();

    Deaf(Place place, int sound) {
      this.place = place;
      this.sound = new AtomicInteger(sound);
    }

    private void maybeHang(Place here) {
      if (place == here && sound.getAndDecrement() <= 0) {
        hung.incrementAndGet();
        hang();
      }
    }

    private void hang() {
      while (release.getCount() > 0) {
        try {
          release.await();
        } catch (InterruptedException deaf) {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      maybeHang(Place.COMPLETE);
      return requests.stream().map(Deaf::answer).toList();
    }

    private static Model.Answer answer(Model.Request request) {
      return Model.Answer.of(new Model.Completion("look", TokenTrace.NONE));
    }

    @Override
    public CompletionSession session(int concurrency) {
      maybeHang(Place.SESSION);
      CompletionSession waves = ModelProvider.super.session(concurrency);
      return new CompletionSession() {
        @Override
        public void submit(long key, Model.Request request) {
          maybeHang(Place.SUBMIT);
          waves.submit(key, request);
        }

        @Override
        public List<Finished> advance() {
          maybeHang(Place.ADVANCE);
          maybeHang(Place.ADVANCE_AND_WAKE);
          return waves.advance();
        }

        @Override
        public void wake() {
          if (place == Place.ADVANCE_AND_WAKE) {
            hang();
          }
        }

        @Override
        public void close() {
          waves.close();
        }
      };
    }

    @Override
    public String checkpoint() {
      maybeHang(Place.CHECKPOINT);
      return "deaf";
    }
  }

  private static Stream<Arguments> places() {
    return Stream.of(Scheduling.values())
        .flatMap(
            scheduling ->
                Stream.of(Place.values())
                    .filter(place -> place != Place.CHECKPOINT)
                    .map(place -> Arguments.of(scheduling, place)));
  }

  private static LocalRolloutExecutor executor(Scheduling scheduling) {
    HouseFamily house = new HouseFamily();
    return new LocalRolloutExecutor(
        house,
        LocalRolloutExecutor.Settings.forWorld(house.capabilities())
            .withConcurrency(4)
            .withScheduling(scheduling)
            .withLimits(EpisodeLimits.DEFAULT.withDeadline(Duration.ofMillis(500)))
            .withGrace(Duration.ofMillis(100)));
  }

  private static PoisonedRoundException poisoned(
      LocalRolloutExecutor executor, ModelProvider provider) {
    return catchThrowableOfType(
        PoisonedRoundException.class,
        () -> executor.run(MaskedAgent.plans(new HouseFamily(), 12), provider, _ -> {}));
  }

  @ParameterizedTest
  @MethodSource("places")
  void aProviderThatHangsPoisonsItsRoundAndIsNotCalledAgain(Scheduling scheduling, Place place) {
    LocalRolloutExecutor executor = executor(scheduling);
    Deaf deaf = new Deaf(place, /* sound= */ place == Place.SESSION ? 0 : 5);

    PoisonedRoundException first = poisoned(executor, deaf);
    PoisonedRoundException later = poisoned(executor, deaf);

    assertThat(first).hasMessage(SENTENCE + ", for which 12 of 12 episodes failed");
    assertThat(first.isHopeless()).isTrue();
    assertThat(first.result().failures())
        .hasSize(12)
        .allMatch(one -> one.reason() == ExitReason.MODEL_FAILURE)
        .extracting(FailedEpisode::detail)
        .allMatch(detail -> detail.contains(SENTENCE));
    assertThat(first.result().attempts()).as("none was tried again").isEqualTo(12);
    assertThat(later).hasMessage(first.getMessage());
    assertThat(deaf.hung).as("calls that hang").hasValue(1);
  }

  /** It cannot tell its name then. */
  @ParameterizedTest
  @EnumSource
  void soDoesOneThatHangsWhenItIsAskedForItsName(Scheduling scheduling) {
    Deaf deaf = new Deaf(Place.CHECKPOINT, /* sound= */ 0);
    assertThat(poisoned(executor(scheduling), deaf))
        .hasMessageStartingWith("the model provider '" + Deaf.class.getName() + "' did not return");
    assertThat(deaf.hung).hasValue(1);
  }

  /** One that is only slow is believed when it answers after all. */
  @ParameterizedTest
  @EnumSource
  void anAnswerThatComesBeforeTheGraceIsOverCounts(Scheduling scheduling) {
    AtomicInteger calls = new AtomicInteger();
    ModelProvider slow =
        new ModelProvider() {
          @Override
          public List<Model.Answer> complete(List<Model.Request> requests) {
            if (calls.getAndIncrement() == 0) {
              try {
                release.await();
                throw new AssertionError("it is interrupted first");
              } catch (InterruptedException e) {
                return requests.stream().map(Deaf::answer).toList();
              }
            }
            return requests.stream().map(Deaf::answer).toList();
          }

          @Override
          public String checkpoint() {
            return "slow";
          }
        };
    RolloutResult result =
        executor(scheduling).run(MaskedAgent.plans(new HouseFamily(), 4), slow, _ -> {});
    assertThat(result.trajectories()).hasSize(4);
  }
}
