package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.RetryPolicy;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ConcurrentSession;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FreeSchedulingTest {
  private static final Scheduler.Terms THOUSAND =
      new Scheduler.Terms(new Free(), 1000, Duration.ofSeconds(30), Duration.ofSeconds(1));

  private static <T> List<Outcome<T>> run(
      int count,
      Outcome.Participant<T> participant,
      ModelProvider model,
      Scheduler.Terms terms,
      IntConsumer ended) {
    try (ProviderThread provider = new ProviderThread(model, terms.deadline(), terms.grace())) {
      return Scheduler.run(count, participant, provider, terms, ended);
    }
  }

  private static Model.Request request(int number) {
    return new Model.Request(List.of(Message.user("" + number)), List.of(), number);
  }

  private static Model.Completion echo(Model.Request request) {
    return new Model.Completion(request.messages().getLast().content(), TokenTrace.NONE);
  }

  /** Waits as a remote world does, whatever wakes it up before its time. */
  private static void await(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Takes a millisecond a batch and another a request, and measures its work. */
  private static final class FastModel implements ModelProvider {
    private long busy;
    private long first;
    private double utilisation;

    /** From its first request until it is asked for something after this became true. */
    private volatile boolean over;

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      long start = System.nanoTime();
      if (first == 0) {
        first = start;
      } else if (utilisation == 0 && over) {
        utilisation = (double) busy / (start - first);
      }
      await(1_000_000 + 1_000_000L * requests.size());
      busy += System.nanoTime() - start;
      return requests.stream().map(one -> Model.Answer.of(echo(one))).toList();
    }

    @Override
    public String checkpoint() {
      return "fast";
    }
  }

  /** Worlds that think for half a second on average ask 2,000 times a second, twice its best. */
  @Test
  void aThousandSlowWorldsKeepTheModelBusy() {
    FastModel model = new FastModel();
    List<Outcome<Integer>> outcomes =
        run(
            2000,
            (number, port, _) -> {
              // Until here a thousand were playing.
              if (number == 1999) {
                model.over = true;
              }
              SplittableRandom random = new SplittableRandom(number);
              for (int step = 0; step < 4; step++) {
                port.complete(request(number));
                await(random.nextLong(TimeUnit.SECONDS.toNanos(1)));
              }
              return number;
            },
            model,
            THOUSAND,
            _ -> {});
    assertThat(outcomes).hasSize(2000).allMatch(one -> one instanceof Outcome.Ended<Integer>);
    assertThat(model.utilisation).isBetween(0.9, 1.0);
  }

  @Test
  void aWorldThatDoesNotAnswerDelaysNobody() {
    CountDownLatch others = new CountDownLatch(99);
    List<Outcome<String>> outcomes =
        run(
            100,
            (number, port, _) -> {
              if (number == 7) {
                awaitUnchecked(others);
              }
              String text = port.complete(request(number)).text();
              others.countDown();
              return text;
            },
            new FastModel(),
            new Scheduler.Terms(new Free(), 8, Duration.ofSeconds(30), Duration.ofSeconds(1)),
            _ -> {});
    assertThat(outcomes.get(7)).isEqualTo(new Outcome.Ended<>("7"));
    assertThat(outcomes).hasSize(100);
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A server that is asked too often by one request, which waits until all others have ended. */
  @Test
  void oneRateLimitSlowsOneEpisode() {
    int count = 50;
    CountDownLatch others = new CountDownLatch(count - 1);
    AtomicInteger refusals = new AtomicInteger(1);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Model server =
        request -> {
          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          try {
            if (request.seed() == 3 && refusals.getAndDecrement() > 0) {
              throw new Model.ModelException(
                  Model.FailureKind.RATE_LIMITED, "429", new IllegalStateException());
            }
            return echo(request);
          } finally {
            atOnce.decrementAndGet();
          }
        };
    List<Outcome<String>> outcomes =
        run(
            count,
            (number, port, _) -> {
              String text = "";
              for (int call = 0; call < 5; call++) {
                text = port.complete(request(number)).text();
              }
              others.countDown();
              return text;
            },
            sessions(
                () -> new ConcurrentSession(server, 4, RetryPolicy.DEFAULT, _ -> others.await())),
            new Scheduler.Terms(new Free(), 8, Duration.ofSeconds(30), Duration.ofSeconds(1)),
            _ -> {});
    for (int i = 0; i < count; i++) {
      assertThat(outcomes.get(i)).isEqualTo(new Outcome.Ended<>("" + i));
    }
    assertThat(refusals).hasValueLessThan(1);
    assertThat(most.get()).isBetween(1, 4);
  }

  private interface Sessions {
    CompletionSession open();
  }

  private static ModelProvider sessions(Sessions sessions) {
    return new ModelProvider() {
      @Override
      public List<Model.Answer> complete(List<Model.Request> requests) {
        throw new AssertionError("sessions only");
      }

      @Override
      public CompletionSession session(int concurrency) {
        return sessions.open();
      }

      @Override
      public String checkpoint() {
        return "server";
      }
    };
  }

  @Test
  void aModelThatNeverAnswersIsInterruptedAndItsAskersFail() {
    Semaphore closed = new Semaphore(0);
    Model silent =
        _ -> {
          try {
            new CountDownLatch(1).await();
            throw new AssertionError("never");
          } catch (InterruptedException e) {
            closed.release();
            throw new Model.ModelException("interrupted", e);
          }
        };
    List<Outcome<String>> outcomes =
        run(
            3,
            (number, port, _) -> {
              try {
                return port.complete(request(number)).text();
              } catch (Model.ModelException e) {
                return e.kind() + " " + e.getMessage();
              }
            },
            sessions(() -> new ConcurrentSession(silent, 4)),
            new Scheduler.Terms(new Free(), 8, Duration.ofMillis(300), Duration.ofSeconds(1)),
            _ -> {});
    assertThat(outcomes)
        .hasSize(3)
        .containsOnly(new Outcome.Ended<>("TIMEOUT the model gave no answer within PT0.3S"));
    assertThat(closed.availablePermits()).isEqualTo(3);
  }

  @Test
  void aSessionThatAnswersNobodyFailsThemAll() {
    CompletionSession idle =
        new CompletionSession() {
          @Override
          public void submit(long key, Model.Request request) {}

          @Override
          public List<Finished> advance() {
            return List.of();
          }

          @Override
          public void close() {}
        };
    List<Outcome<String>> outcomes =
        run(
            2,
            (number, port, _) -> port.complete(request(number)).text(),
            sessions(() -> idle),
            new Scheduler.Terms(new Lockstep(), 8, Duration.ofSeconds(30), Duration.ofSeconds(1)),
            _ -> {});
    assertThat(outcomes)
        .allSatisfy(
            one ->
                assertThat(one)
                    .isInstanceOfSatisfying(
                        Outcome.Threw.class,
                        threw ->
                            assertThat(threw.sentence())
                                .contains("none of the 2 requests that wait was answered")));
  }

  @Test
  void laterModelCallsOfAnEpisodeThatIsOverdueAreRefused() {
    AtomicInteger refused = new AtomicInteger();
    IntConsumer unseen = _ -> {};
    List<Outcome<String>> outcomes =
        run(
            1,
            (number, port, activity) -> {
              activity.accept("dreaming");
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                try {
                  port.complete(request(number));
                } catch (Model.ModelException late) {
                  refused.incrementAndGet();
                }
              }
              return "done all the same";
            },
            new FastModel(),
            new Scheduler.Terms(new Free(), 1, Duration.ofMillis(50), Duration.ofSeconds(20)),
            unseen);
    assertThat(outcomes).containsExactly(new Outcome.Overdue<>("dreaming", /* abandoned= */ false));
    assertThat(refused).hasValue(1);
  }

  private static EnvironmentFamily slow(Capabilities capabilities) {
    HouseFamily house = new HouseFamily();
    return (EnvironmentFamily)
        Proxy.newProxyInstance(
            EnvironmentFamily.class.getClassLoader(),
            new Class<?>[] {EnvironmentFamily.class},
            (_, method, arguments) ->
                method.getName().equals("capabilities")
                    ? capabilities
                    : method.invoke(house, arguments));
  }

  @Test
  void theWorldDecidesWhatAutoMeansAndWhatIsRefused() {
    EnvironmentFamily remote = slow(Capabilities.NONE);
    assertThat(Scheduling.named("auto", remote)).isEqualTo(Scheduling.FREE);
    assertThat(Scheduling.named("auto", new HouseFamily())).isEqualTo(Scheduling.LOCKSTEP);
    assertThat(Scheduling.named("free", new HouseFamily())).isEqualTo(Scheduling.FREE);
    assertThatThrownBy(() -> Scheduling.named("lockstep", remote))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "lockstep lets every episode wait for the slowest, and environment 'house' does not"
                + " answer at once: say scheduling: free, or auto");
    assertThatThrownBy(() -> Scheduling.named("fast", remote))
        .hasMessage("scheduling must be one of [auto, lockstep, free], was 'fast'");
    LocalRolloutExecutor.Settings settings =
        LocalRolloutExecutor.Settings.forWorld(Capabilities.ALL);
    assertThatThrownBy(() -> new LocalRolloutExecutor(remote, settings))
        .hasMessageStartingWith("lockstep lets every episode wait");
  }
}
