package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LockstepTest {
  /** Answers each request with its own text and keeps the batches it saw. */
  private static final class Echo implements ModelProvider {
    final List<List<String>> batches = new ArrayList<>();

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      List<String> texts =
          requests.stream().map(request -> request.messages().getLast().content()).toList();
      batches.add(texts);
      return texts.stream()
          .map(text -> Model.Answer.of(new Model.Completion(text, TokenTrace.NONE)))
          .toList();
    }

    @Override
    public String checkpoint() {
      return "echo";
    }
  }

  private static void run(
      ModelProvider provider,
      int concurrency,
      int count,
      BiConsumer<Integer, Model> participant,
      IntConsumer ended) {
    Scheduler.Terms terms =
        new Scheduler.Terms(
            new Lockstep(), concurrency, Duration.ofSeconds(20), Duration.ofSeconds(1));
    try (ProviderThread thread = new ProviderThread(provider, terms.deadline(), terms.grace())) {
      List<Outcome<String>> outcomes =
          Scheduler.run(
              count,
              (number, model, _) -> {
                participant.accept(number, model);
                return "done";
              },
              thread,
              terms,
              ended);
      assertThat(outcomes).hasSize(count).containsOnly(new Outcome.Ended<>("done"));
    }
  }

  private static Model.Request request(String text) {
    return new Model.Request(List.of(Message.user(text)), List.of(), 0);
  }

  @Test
  void batchesHoldEveryWaitingParticipantInOrderOfNumbers() {
    Echo echo = new Echo();
    run(
        echo,
        8,
        3,
        (number, model) -> {
          for (int call = 0; call <= number; call++) {
            model.complete(request(number + "." + call));
          }
        },
        count -> {});
    assertThat(echo.batches)
        .containsExactly(List.of("0.0", "1.0", "2.0"), List.of("1.1", "2.1"), List.of("2.2"));
  }

  @Test
  void startsANewParticipantInOrderWhenOneHasEnded() {
    Echo echo = new Echo();
    run(
        echo,
        2,
        4,
        (number, model) -> {
          for (int call = 0; call < (number == 0 ? 3 : 1); call++) {
            model.complete(request(number + "." + call));
          }
        },
        count -> {});
    assertThat(echo.batches)
        .containsExactly(List.of("0.0", "1.0"), List.of("0.1", "2.0"), List.of("0.2", "3.0"));
  }

  @Test
  void everyParticipantGetsItsOwnAnswerAmongHundreds() {
    ConcurrentHashMap<Integer, String> answers = new ConcurrentHashMap<>();
    List<Integer> progress = new ArrayList<>();
    run(
        new Echo(),
        64,
        300,
        (number, model) -> answers.put(number, model.complete(request("answer " + number)).text()),
        progress::add);
    assertThat(answers).hasSize(300);
    IntStream.range(0, 300)
        .forEach(number -> assertThat(answers).containsEntry(number, "answer " + number));
    assertThat(progress.stream().mapToInt(Integer::intValue).sum()).isEqualTo(300);
  }

  @Test
  void participantsThatNeverCallTheModelEndToo() {
    Echo echo = new Echo();
    List<Integer> progress = new ArrayList<>();
    run(echo, 1, 5, (number, model) -> {}, progress::add);
    assertThat(progress.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5);
    assertThat(echo.batches).isEmpty();
  }

  @Test
  void aFailingModelReachesEveryWaitingParticipantAsAModelException() {
    ModelProvider broken =
        new ModelProvider() {
          @Override
          public List<Model.Answer> complete(List<Model.Request> requests) {
            throw new Model.ModelException(
                Model.FailureKind.OVERLOADED, "out of reach", new IllegalStateException());
          }

          @Override
          public String checkpoint() {
            return "broken";
          }
        };
    ConcurrentHashMap<Integer, String> failures = new ConcurrentHashMap<>();
    run(
        broken,
        4,
        2,
        (number, model) ->
            assertThatThrownBy(() -> model.complete(request("hello")))
                .isInstanceOfSatisfying(
                    Model.ModelException.class,
                    e -> failures.put(number, e.kind() + ": " + e.getMessage())),
        count -> {});
    assertThat(failures)
        .containsEntry(0, "OVERLOADED: out of reach")
        .containsEntry(1, "OVERLOADED: out of reach");
  }

  /** Answers one request at a time: whoever asks for the least comes first. */
  private static class OneByOne implements ModelProvider {
    final List<String> log = new ArrayList<>();

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      throw new AssertionError("sessions only");
    }

    @Override
    public CompletionSession session(int concurrency) {
      log.add("open " + concurrency);
      TreeMap<String, Long> waiting = new TreeMap<>();
      return new CompletionSession() {
        @Override
        public void submit(long key, Model.Request request) {
          String text = request.messages().getLast().content();
          log.add("submit " + text);
          waiting.put(text, key);
        }

        @Override
        public List<Finished> advance() {
          Map.Entry<String, Long> least = waiting.pollFirstEntry();
          log.add("answer " + least.getKey());
          return List.of(
              new Finished(
                  least.getValue(),
                  Model.Answer.of(new Model.Completion(least.getKey(), TokenTrace.NONE))));
        }

        @Override
        public void close() {
          log.add("close");
        }
      };
    }

    @Override
    public String checkpoint() {
      return "one by one";
    }
  }

  @Test
  void aParticipantAsksAgainWhileOthersStillWait() {
    OneByOne model = new OneByOne();
    run(
        model,
        3,
        3,
        (number, port) -> {
          for (int call = 0; call < 2; call++) {
            String text = number + "." + call;
            assertThat(port.complete(request(text)).text()).isEqualTo(text);
          }
        },
        count -> {});
    assertThat(model.log)
        .containsExactly(
            "open 3",
            "submit 0.0",
            "submit 1.0",
            "submit 2.0",
            "answer 0.0",
            "submit 0.1",
            "answer 0.1",
            "answer 1.0",
            "submit 1.1",
            "answer 1.1",
            "answer 2.0",
            "submit 2.1",
            "answer 2.1",
            "close");
  }

  @Test
  void opensAnotherSessionWhenOneBreaksAndFailsWhoWaited() {
    OneByOne model =
        new OneByOne() {
          @Override
          public CompletionSession session(int concurrency) {
            CompletionSession session = super.session(concurrency);
            return new CompletionSession() {
              @Override
              public void submit(long key, Model.Request request) {
                session.submit(key, request);
              }

              @Override
              public List<Finished> advance() {
                List<Finished> answers = session.advance();
                if (answers.getFirst().key() == 1) {
                  throw new StackOverflowError("too deep");
                }
                return answers;
              }

              @Override
              public void close() {
                session.close();
              }
            };
          }
        };
    List<String> failures = new CopyOnWriteArrayList<>();
    List<String> answers = new CopyOnWriteArrayList<>();
    run(
        model,
        2,
        4,
        (number, port) -> {
          try {
            answers.add(port.complete(request("hello " + number)).text());
          } catch (Model.ModelException e) {
            failures.add(number + " " + e.getMessage());
          }
        },
        count -> {});
    assertThat(failures)
        .containsExactlyInAnyOrder(
            "1 the provider broke: java.lang.StackOverflowError: too deep",
            "2 the provider broke: java.lang.StackOverflowError: too deep");
    assertThat(answers).containsExactlyInAnyOrder("hello 0", "hello 3");
    assertThat(model.log).filteredOn(line -> line.startsWith("open")).hasSize(2);
    assertThat(model.log).filteredOn(line -> line.equals("close")).hasSize(2);
  }

  @Test
  void aRefusedRequestFailsAloneInItsWave() {
    ModelProvider choosy =
        provider(
            requests ->
                requests.stream()
                    .map(
                        request ->
                            text(request).equals("answer 1")
                                ? failed("not this one")
                                : Model.Answer.of(
                                    new Model.Completion(text(request), TokenTrace.NONE)))
                    .toList());
    assertThat(told(choosy, 3)).containsExactly("answer 0", "REJECTED: not this one", "answer 2");
  }

  @Test
  void aProviderThatBreaksFailsEachOfItsBatchByItself() {
    ModelProvider broken =
        provider(
            requests -> {
              throw new AssertionError("out of order");
            });
    assertThat(told(broken, 2))
        .containsOnly("OTHER: the provider broke: java.lang.AssertionError: out of order");
  }

  @Test
  void aWrongNumberOfAnswersFailsTheBatchInASentence() {
    assertThat(told(provider(requests -> List.of(failed("one for all"))), 3))
        .containsOnly("INVALID_RESPONSE: the provider gave 1 answers to 3 requests");
  }

  private static Model.Answer failed(String why) {
    return new Model.Answer.Failed(
        new Model.ModelException(
            Model.FailureKind.REJECTED, why, new IllegalArgumentException(why)));
  }

  private static String text(Model.Request request) {
    return request.messages().getLast().content();
  }

  private static ModelProvider provider(
      Function<List<Model.Request>, List<Model.Answer>> complete) {
    return new ModelProvider() {
      @Override
      public List<Model.Answer> complete(List<Model.Request> requests) {
        return complete.apply(requests);
      }

      @Override
      public String checkpoint() {
        return "fake";
      }
    };
  }

  /** What each of some participants that ask once is told, answer or failure. */
  private static List<String> told(ModelProvider provider, int count) {
    ConcurrentSkipListMap<Integer, String> told = new ConcurrentSkipListMap<>();
    run(
        provider,
        count,
        count,
        (number, port) -> {
          try {
            told.put(number, port.complete(request("answer " + number)).text());
          } catch (Model.ModelException e) {
            told.put(number, e.kind() + ": " + e.getMessage());
          }
        },
        _ -> {});
    return List.copyOf(told.values());
  }
}
