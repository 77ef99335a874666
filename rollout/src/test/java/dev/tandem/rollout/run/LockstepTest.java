package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LockstepTest {
  /** Answers each request with its own text and keeps the batches it saw. */
  private static final class Echo implements ModelProvider {
    final List<List<String>> batches = new ArrayList<>();

    @Override
    public List<Model.Completion> complete(List<Model.Request> requests) {
      List<String> texts =
          requests.stream().map(request -> request.messages().getLast().content()).toList();
      batches.add(texts);
      return texts.stream().map(text -> new Model.Completion(text, TokenTrace.NONE)).toList();
    }

    @Override
    public String checkpoint() {
      return "echo";
    }
  }

  private static Model.Request request(String text) {
    return new Model.Request(List.of(Message.user(text)), List.of(), 0);
  }

  @Test
  void batchesHoldEveryWaitingParticipantInOrderOfNumbers() {
    Echo echo = new Echo();
    new Lockstep(echo, 8)
        .run(
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
    new Lockstep(echo, 2)
        .run(
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
    new Lockstep(new Echo(), 64)
        .run(
            300,
            (number, model) ->
                answers.put(number, model.complete(request("answer " + number)).text()),
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
    new Lockstep(echo, 1).run(5, (number, model) -> {}, progress::add);
    assertThat(progress.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5);
    assertThat(echo.batches).isEmpty();
  }

  @Test
  void aFailingModelReachesEveryWaitingParticipantAsAModelException() {
    ModelProvider broken =
        new ModelProvider() {
          @Override
          public List<Model.Completion> complete(List<Model.Request> requests) {
            throw new Model.ModelException(
                Model.FailureKind.OVERLOADED, "out of reach", new IllegalStateException());
          }

          @Override
          public String checkpoint() {
            return "broken";
          }
        };
    ConcurrentHashMap<Integer, String> failures = new ConcurrentHashMap<>();
    new Lockstep(broken, 4)
        .run(
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
    public List<Model.Completion> complete(List<Model.Request> requests) {
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
                  least.getValue(), new Model.Completion(least.getKey(), TokenTrace.NONE)));
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
    new Lockstep(model, 3)
        .run(
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
  void closesTheSessionAndLetsEveryoneGoWhenItBreaks() {
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
                throw new IllegalStateException("broken");
              }

              @Override
              public void close() {
                session.close();
              }
            };
          }
        };
    AtomicInteger released = new AtomicInteger();
    assertThatThrownBy(
            () ->
                new Lockstep(model, 2)
                    .run(
                        2,
                        (number, port) -> {
                          try {
                            port.complete(request("hello"));
                          } catch (CancellationException e) {
                            released.incrementAndGet();
                          }
                        },
                        count -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");
    assertThat(model.log).last().isEqualTo("close");
    while (released.get() < 2) {
      Thread.onSpinWait();
    }
  }
}
