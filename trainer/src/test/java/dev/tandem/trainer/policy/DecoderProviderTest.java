package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.model.runtime.TrainRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DecoderProviderTest {
  private static final Offset<Float> ROUNDING = Offset.offset(1e-4f);
  private static final String TOO_LONG = "go to shelf 1 ".repeat(80);

  private final Policy policy = Tiny.policy(3);
  private final ModelProvider provider = policy.provider("round-0007");

  @AfterEach
  void free() {
    policy.close();
  }

  private static Model.Request request(String text, long seed, String... choices) {
    return new Model.Request(List.of(Message.user(text)), List.of(choices), seed);
  }

  private static List<Model.Completion> complete(
      ModelProvider provider, List<Model.Request> requests) {
    return provider.complete(requests).stream().map(Model.Answer::orThrow).toList();
  }

  @Test
  void refusesAPromptThatIsTooLongAndAnswersTheOthers() {
    List<Model.Completion> completions =
        complete(
            provider,
            List.of(request("look at shelf 1", 1), request(TOO_LONG, 2), request("take mug 1", 3)));
    assertThat(completions).hasSize(3);
    assertThat(completions.get(1)).isEqualTo(Model.Completion.contextOverflow());
    for (int answered : new int[] {0, 2}) {
      assertThat(completions.get(answered).finish()).isNotEqualTo(Model.Finish.CONTEXT_OVERFLOW);
      assertThat(completions.get(answered).tokens().response()).isNotEmpty();
    }
    assertThat(completions.get(0).tokens().prompt())
        .isEqualTo(policy.format().prompt(List.of(Message.user("look at shelf 1"))));
    assertThat(completions.get(2).tokens().prompt())
        .isEqualTo(policy.format().prompt(List.of(Message.user("take mug 1"))));
  }

  @Test
  void answersNothingWhenEveryPromptIsTooLong() {
    assertThat(complete(provider, List.of(request(TOO_LONG, 1), request(TOO_LONG, 2))))
        .containsOnly(Model.Completion.contextOverflow());
    assertThat(complete(provider, List.of())).isEmpty();
  }

  @Test
  void tracesThePromptThatWasEncodedAndTheTokensThatWereSampled() {
    List<Message> messages =
        List.of(Message.system("you are in"), Message.user("a room"), Message.assistant("look"));
    Model.Completion completion =
        complete(provider, List.of(new Model.Request(messages, List.of(), 11))).getFirst();
    TokenTrace tokens = completion.tokens();
    assertThat(tokens.prompt()).isEqualTo(policy.format().prompt(messages));
    assertThat(completion.text()).isEqualTo(policy.format().text(tokens.response()));
    assertThat(completion.finish())
        .isEqualTo(
            policy.format().isEnded(tokens.response()) ? Model.Finish.STOP : Model.Finish.LENGTH);
    float[] scored =
        policy
            .decoder()
            .scoreRecords(
                List.of(new TrainRecord(tokens.prompt(), tokens.response(), tokens.allowed())));
    assertThat(tokens.logProbs()).hasSameSizeAs(tokens.response());
    assertThat(tokens.logProbs()).containsExactly(scored, ROUNDING);
  }

  @Test
  void givesNothingButOneOfTheChoices() {
    String[] choices = {"go to shelf 1", "go to bed 1", "look at mug 1 under the lamp 1"};
    List<Model.Request> requests = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      requests.add(request("you are in a room .", seed, choices));
    }
    requests.add(request("you are in a room .", 99, "take mug 1 from bed 1"));
    List<Model.Completion> completions = complete(provider, requests);
    Set<String> given = new HashSet<>();
    for (Model.Completion completion : completions.subList(0, 60)) {
      given.add(completion.text());
      assertThat(completion.finish()).isEqualTo(Model.Finish.STOP);
      TokenTrace tokens = completion.tokens();
      float[] scored =
          policy
              .decoder()
              .scoreRecords(
                  List.of(new TrainRecord(tokens.prompt(), tokens.response(), tokens.allowed())));
      assertThat(tokens.logProbs()).containsExactly(scored, ROUNDING);
    }
    assertThat(given).containsExactlyInAnyOrder(choices);
    Model.Completion forced = completions.getLast();
    assertThat(forced.text()).isEqualTo("take mug 1 from bed 1");
    assertThat(forced.tokens().logProbs()).containsOnly(0);
    assertThat(forced.tokens().allowed())
        .isDeepEqualTo(
            Arrays.stream(forced.tokens().response())
                .mapToObj(id -> new int[] {id})
                .toArray(int[][]::new));
  }

  @Test
  void aChoiceMayBeLongerThanAFreeResponse() {
    ModelProvider terse =
        new DecoderProvider(
            policy.decoder(), policy.format(), new DecoderProvider.Sampling(1, 2), "terse");
    List<Model.Completion> completions =
        complete(
            terse,
            List.of(
                request("you are in a room .", 1, "go to shelf 1", "go to bed 1"),
                request("you are in a room .", 2)));
    assertThat(completions.getFirst().text()).isIn("go to shelf 1", "go to bed 1");
    assertThat(completions.getLast().tokens().response()).hasSizeBetween(1, 2);
  }

  @Test
  void anAnswerDependsOnItsOwnSeedAndNotOnItsNeighbours() {
    Model.Request asked = request("go to shelf 1", 5);
    Model.Completion alone = complete(provider, List.of(asked)).getFirst();
    Model.Completion among =
        complete(provider, List.of(request("a", 1), request("the mug is under the bed", 2), asked))
            .getLast();
    assertThat(among.tokens().response()).isEqualTo(alone.tokens().response());
    assertThat(complete(provider, List.of(request("go to shelf 1", 6))).getFirst().text())
        .isNotEqualTo(alone.text());
  }

  @Test
  void atTemperatureZeroTheSeedDoesNotMatter() {
    ModelProvider greedy = policy.provider("greedy", 0);
    List<Model.Completion> completions =
        complete(greedy, List.of(request("go to bed 1", 1), request("go to bed 1", 2)));
    assertThat(completions.get(0).text()).isEqualTo(completions.get(1).text());
  }

  @Test
  void tellsTheCheckpointItWasGiven() {
    assertThat(provider.checkpoint()).isEqualTo("round-0007");
  }

  @Test
  void aSessionGivesTheAnswersOfABatch() {
    List<Model.Request> requests =
        List.of(
            request("go to shelf 1", 1),
            request(TOO_LONG, 2),
            request("you are in a room .", 3, "go to shelf 1", "go to bed 1"),
            request("take mug 1", 4));
    List<Model.Completion> expected = complete(provider, requests);
    Map<Long, Model.Completion> answers = new TreeMap<>();
    try (CompletionSession session = provider.session(2)) {
      for (int i = 0; i < requests.size(); i++) {
        session.submit(i, requests.get(i));
      }
      while (answers.size() < requests.size()) {
        session.advance().forEach(one -> answers.put(one.key(), one.answer().orThrow()));
      }
      assertThat(session.advance()).isEmpty();
    }
    List<Model.Completion> inOrder = List.copyOf(answers.values());
    for (int i = 0; i < requests.size(); i++) {
      Model.Completion answer = inOrder.get(i);
      assertThat(answer.text()).isEqualTo(expected.get(i).text());
      assertThat(answer.finish()).isEqualTo(expected.get(i).finish());
      assertThat(answer.tokens().response()).isEqualTo(expected.get(i).tokens().response());
      assertThat(answer.tokens().allowed()).isDeepEqualTo(expected.get(i).tokens().allowed());
    }
  }
}
