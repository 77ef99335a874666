package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.recipe.ChatSettings;
import dev.tandem.trainer.recipe.ChatSettings.TooLong;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversations of a file, and the expert's own written as such. */
final class ChatLessonsTest {
  @TempDir private Path folder;

  private static WarmStartSettings settings(double heldOut, double world, int most, TooLong cut) {
    return new WarmStartSettings(
        new ChatSettings(Path.of("x"), most, cut),
        12,
        0.15,
        0.5,
        160,
        2,
        16,
        heldOut,
        world,
        WarmStartSettings.Rule.ADAMW,
        1e-2,
        0.01,
        1);
  }

  private static WarmStartSettings settings(double heldOut) {
    return settings(heldOut, 0, 0, TooLong.LEAVE_OUT);
  }

  private static ExpertLessons expert(Policy policy, WarmStartSettings settings) {
    HouseFamily house = new HouseFamily();
    return new ExpertLessons(
        settings,
        7,
        house,
        house.tasks().tasks(Split.TRAIN, 0, 12),
        Tiny.harness(),
        Outfit.of(Tiny.REGISTRY),
        policy.format());
  }

  private ChatLessons read(Policy policy, WarmStartSettings settings, String... lines)
      throws IOException {
    Path file = Files.writeString(folder.resolve("chats.jsonl"), String.join("\n", lines));
    return read(policy, settings, file);
  }

  private static ChatLessons read(Policy policy, WarmStartSettings settings, Path file)
      throws IOException {
    return ChatLessons.read(
        new ChatFile(file), settings, 7, policy.format(), policy.decoder().spec().maxPositions());
  }

  private static final String ONE =
      """
      {"messages": [{"role": "user", "content": "go to bed"}, {"role": "assistant", "content": "open it"}]}\
      """;
  private static final String TWO =
      """
      {"id": 7, "tools": null, "messages": [{"role": "system", "content": "go"}, {"role": "user", "content": "go"}, \
      {"role": "assistant", "content": "go go"}, {"role": "user", "content": "bed bed"}, \
      {"role": "assistant", "content": "open"}]}\
      """;

  @Test
  void theExpertsOwnAnswersComeBackAsTheyWere() throws IOException {
    try (Policy policy = Tiny.policy(1)) {
      ExpertLessons expert = expert(policy, settings(0.1));
      Path file = folder.resolve("shown.jsonl");
      ChatFile.write(file, expert.demonstrated());
      ChatLessons read = read(policy, settings(0.1), file);
      List<String> back = shown(Stream.concat(read.pass(0).stream(), read.heldOut().stream()));
      List<String> all = new ArrayList<>();
      for (Demonstrator.Lesson lesson : expert.demonstrated()) {
        List<Message> messages = lesson.messages();
        int[] prompt = policy.format().prompt(messages);
        int[] response = policy.format().response(lesson.move().text());
        all.add(prompt.length + Arrays.toString(prompt) + Arrays.toString(response));
      }
      assertThat(back).containsExactlyInAnyOrderElementsOf(all);
      assertThat(read.counts().heldOut()).isEqualTo((all.size() + 9) / 10);
      assertThat(read.pass(1)).isEqualTo(read.pass(0));
      assertThat(shown(read.heldOut().stream()))
          .as("the seed decides")
          .isEqualTo(shown(read(policy, settings(0.1), file).heldOut().stream()));
    }
  }

  /** Tokens up to the last answer, how many these are, and that answer. */
  private static List<String> shown(Stream<Transcript> lessons) {
    return lessons
        .map(
            lesson -> {
              int length = lesson.ids().length;
              int from = length;
              while (lesson.said()[from - 1]) {
                from--;
              }
              return from
                  + Arrays.toString(Arrays.copyOf(lesson.ids(), from))
                  + Arrays.toString(Arrays.copyOfRange(lesson.ids(), from, length));
            })
        .toList();
  }

  @Test
  void learnsEveryAnswerOfAConversationAndWhatIsObservedIfAsked() throws IOException {
    try (Policy policy = Tiny.policy(1)) {
      ChatLessons lessons = read(policy, settings(0.5, 0.5, 0, TooLong.LEAVE_OUT), TWO, "", TWO);
      Transcript whole = lessons.pass(0).getFirst();
      assertThat(marks(whole.said())).isEqualTo("00000111000011");
      assertThat(marks(whole.observed())).isEqualTo("00010000011000");
      assertThat(lessons.counts()).isEqualTo(new ChatLessons.Counts(2, 1, 0, 0, 0, 28, 10));
    }
  }

  private static String marks(boolean[] marks) {
    StringBuilder text = new StringBuilder();
    for (boolean mark : marks) {
      text.append(mark ? '1' : '0');
    }
    return text.toString();
  }

  @Test
  void leavesOutOrCutsWhatIsTooLongAndCountsIt() throws IOException {
    try (Policy policy = Tiny.policy(1)) {
      ChatLessons left = read(policy, settings(0.5, 0, 9, TooLong.LEAVE_OUT), ONE, TWO, ONE, ONE);
      assertThat(left.counts().leftOut()).isEqualTo(1);
      assertThat(left.counts().conversations()).isEqualTo(3);
      ChatLessons cut = read(policy, settings(0.5, 0, 9, TooLong.CUT), TWO, TWO);
      assertThat(cut.counts().cut()).isEqualTo(2);
      assertThat(marks(cut.pass(0).getFirst().said())).isEqualTo("000001110");
      assertThatThrownBy(() -> read(policy, settings(0.5, 0, 4, TooLong.CUT), TWO, TWO))
          .isInstanceOf(ChatFileException.class)
          .hasMessageContaining("chats.jsonl: has 0 conversations to learn from")
          .hasMessageContaining("2 are longer than 4 tokens")
          .hasMessageEndingWith("warm_start.chats.too_long=cut");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"messages": [}                                         | is not JSON (
          [1]                                                     | has no messages; write {"messages":
          {"messages": []}                                        | has no messages; write {"messages":
          {"messages": [{"content": "a"}]}                        | message 0 has no role; write
          {"messages": [{"role": "assistant"}]}                   | message 0, of role assistant, has neither content nor tool_calls
          {"messages": [{"role": "user", "content": "a"}]}        | has no message of the assistant to learn from; add one, or drop the line
          {"tools": 1, "messages": [{"role": "assistant", "content": "a"}]} | tools must be a list
          {"messages": [{"role": "critic", "content": "a"}, {"role": "assistant", "content": "a"}]} | this model's chat format has no role 'critic'
          """)
  void namesTheLineThatCannotBeUsed(String line, String sentence) {
    try (Policy policy = Tiny.policy(1)) {
      assertThatThrownBy(() -> read(policy, settings(0.5), ONE, "", line, TWO))
          .isInstanceOf(ChatFileException.class)
          .hasMessageContaining("chats.jsonl:3: ")
          .hasMessageContaining(sentence);
    }
  }

  @Test
  void foreseesTheWorldOnlyWhereThatIsAsked() throws IOException {
    Path file = folder.resolve("shown.jsonl");
    try (Policy policy = Tiny.policy(1)) {
      ChatFile.write(file, expert(policy, settings(0.1)).demonstrated());
    }
    HeldOut plain = taught(file, 0);
    HeldOut foreseeing = taught(file, 1);
    assertThat(plain.world()).isNull();
    try (Policy untaught = Tiny.policy(1)) {
      double guess = Math.log(untaught.decoder().spec().vocabularySize());
      assertThat(plain.loss()).isLessThan(0.6 * guess);
      assertThat(foreseeing.loss()).isLessThan(0.8 * guess);
      assertThat(Objects.requireNonNull(foreseeing.world())).isLessThan(0.7 * guess);
    }
  }

  private static HeldOut taught(Path file, double world) throws IOException {
    WarmStartSettings settings = settings(0.1, world, 0, TooLong.LEAVE_OUT);
    try (Policy policy = Tiny.policy(1);
        Optimiser optimiser = Tiny.optimiser(policy)) {
      Progress end =
          new WarmStart(settings, 7)
              .train(
                  policy.decoder(),
                  optimiser,
                  read(policy, settings, file),
                  WarmStart.Listener.NONE);
      @Nullable HeldOut before = end.before();
      assertThat(Objects.requireNonNull(before).loss())
          .isGreaterThan(end.heldOut().getLast().loss());
      return end.heldOut().getLast();
    }
  }

  /** What an expert's prompts show anew is observed; what was there before is not told twice. */
  @Test
  void observesInAPromptWhatCameSinceTheLastAnswer() {
    try (Policy policy = Tiny.policy(1)) {
      List<Message> messages =
          List.of(
              Message.system("go"),
              Message.user("bed"),
              Message.assistant("open"),
              Message.user("go go bed"));
      assertThat(marks(policy.format().observed(messages, List.of()))).isEqualTo("000000001110");
    }
  }
}
