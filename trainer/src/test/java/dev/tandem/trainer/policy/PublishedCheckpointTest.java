package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents whose model came with a tokenizer and a chat template of its own. */
final class PublishedCheckpointTest {
  @TempDir private Path folder;

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Path copied = Files.copy(file, to.resolve(file.getFileName()));
        assertThat(copied.toFile().setWritable(true)).isTrue();
      }
    }
    return to;
  }

  @Test
  void speaksThroughItsTemplateAndTrainsOnWhatWasSampled() {
    Path checkpoint = Fixtures.checkpoint("qwen3-tied");
    List<Message> messages = List.of(Message.system("Act."), Message.user("go to cabinet 1"));
    try (Policy policy = Policy.load(checkpoint, 12, Tiny.EXECUTION);
        TextTokenizer tokenizer = TextTokenizer.load(checkpoint)) {
      assertThat(policy.format()).isInstanceOf(TemplateFormat.class);
      List<Model.Completion> completions =
          policy
              .provider("qwen")
              .complete(
                  List.of(
                      new Model.Request(messages, List.of(), 1),
                      new Model.Request(messages, List.of("go to bed 1", "look"), 2)))
              .stream()
              .map(Model.Answer::orThrow)
              .toList();
      Model.Completion free = completions.getFirst();
      assertThat(tokenizer.decode(free.tokens().prompt()))
          .isEqualTo(
              """
              <|im_start|>system
              Act.<|im_end|>
              <|im_start|>user
              go to cabinet 1<|im_end|>
              <|im_start|>assistant
              """);
      assertThat(completions.getLast().text()).isIn("go to bed 1", "look");
      for (Model.Completion completion : completions) {
        float[] scored =
            policy
                .decoder()
                .scoreRecords(
                    List.of(
                        new TrainRecord(
                            completion.tokens().prompt(),
                            completion.tokens().response(),
                            completion.tokens().allowed())));
        assertThat(completion.tokens().logProbs()).containsExactly(scored, Offset.offset(1e-4f));
      }
    }
  }

  @Test
  void keepsItsTemplateWhenItIsSavedAndLoadedAgain() throws IOException {
    Path checkpoint = Fixtures.checkpoint("llama-gqa");
    try (Policy policy = Policy.load(checkpoint, 12, Tiny.EXECUTION)) {
      policy.save(folder);
      assertThat(folder.resolve("chat_template.jinja"))
          .hasSameBinaryContentAs(checkpoint.resolve("chat_template.jinja"));
      try (Policy again = Policy.load(folder, 12, Tiny.EXECUTION)) {
        List<Message> messages = List.of(Message.user("open the box"));
        assertThat(again.format().prompt(messages)).isEqualTo(policy.format().prompt(messages));
      }
    }
  }

  @Test
  void ourOwnModelsKeepTheirOwnFormat() {
    try (Policy fresh = Tiny.policy(1)) {
      fresh.save(folder);
      try (Policy loaded = Policy.load(folder, 10, Tiny.EXECUTION)) {
        assertThat(loaded.format()).isInstanceOf(RoleTokenFormat.class);
      }
    }
  }

  @Test
  void refusesACheckpointThatDoesNotSayHowToChat() throws IOException {
    Path silent = copy(Fixtures.checkpoint("qwen2-untied"), folder.resolve("silent"));
    Files.delete(silent.resolve("chat_template.jinja"));
    assertThatThrownBy(() -> Policy.load(silent, 12, Tiny.EXECUTION))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(silent + ": has no chat template; add a chat_template.jinja");
  }
}
