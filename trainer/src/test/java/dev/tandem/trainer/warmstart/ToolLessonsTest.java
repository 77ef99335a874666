package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.policy.ChatFormat;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A world of tools is taught like any other. */
final class ToolLessonsTest {
  private static final WarmStartSettings SETTINGS =
      new WarmStartSettings(
          12, 0.15, 1, 10_000, 1, 32, WarmStartSettings.Rule.ADAMW, 1e-2, 0.01, 1);
  private static final HarnessConfig HARNESS = HarnessConfig.of(ProcessorSpec.of("system_prompt"));

  @TempDir private Path folder;

  private final SafeFamily safes = new SafeFamily();

  private List<Transcript> lessons(ChatFormat format) {
    return new ExpertLessons(
            SETTINGS, 7, safes, tasks(), HARNESS, Outfit.of(ProcessorRegistry.builtIn()), format)
        .pass(0);
  }

  private List<TaskSpec> tasks() {
    return safes.tasks().tasks(Split.TRAIN, 0, safes.tasks().available(Split.TRAIN, 12));
  }

  /** A checkpoint whose template speaks of tools as Qwen 2.5's does. */
  private Path checkpoint() throws IOException {
    try (Stream<Path> files = Files.list(Fixtures.checkpoint("qwen3-tied"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path template = folder.resolve("chat_template.jinja");
    Files.delete(template);
    try (InputStream ours =
        ToolLessonsTest.class.getResourceAsStream(
            "/dev/tandem/trainer/policy/tools-in-system.jinja")) {
      Files.copy(ours, template);
    }
    return folder;
  }

  @Test
  void demonstrationsUseToolsUntilTheTaskIsSolved() {
    List<Demonstrator.Lesson> lessons =
        new Demonstrations(
                safes,
                tasks(),
                new HarnessSampler(HARNESS, Outfit.of(ProcessorRegistry.builtIn()), 1),
                /* noise= */ 0.15,
                /* seed= */ 7)
            .show(0, 12, 0);
    Episode unread = new Episode(List.of(), List.of(), List.of(), ExitReason.FINISHED, "");
    assertThat(safes.opened).hasSize(12).allMatch(safe -> safe.verify(unread).success());
    assertThat(lessons).hasSize(24);
    assertThat(lessons.getFirst().move().toolUses()).hasSize(2);
    assertThat(lessons).allMatch(lesson -> lesson.tools().size() == 1);
  }

  @Test
  void aLessonIsWhatTheModelWouldHaveToWrite() throws IOException {
    try (Policy policy = Policy.load(checkpoint(), 64, Tiny.EXECUTION)) {
      List<Transcript> lessons = lessons(policy.format());
      assertThat(lessons).as("two of the twelve are held out").hasSize(20);
      Transcript first = lessons.getFirst();
      assertThat(policy.format().text(prompt(first)))
          .contains("\"name\": \"dial\"")
          .endsWith("<|im_start|>assistant\n");
      assertThat(policy.format().text(response(first)))
          .matches(
              """
              Now\\.
              <tool_call>
              \\{"name": "dial", "arguments": \\{"digit": \\d\\}\\}
              </tool_call>
              <tool_call>
              \\{"name": "dial", "arguments": \\{"digit": \\d\\}\\}
              </tool_call>\
              """);
      assertThat(policy.format().isEnded(response(first))).isTrue();
      assertThat(policy.format().text(prompt(lessons.get(1)))).contains("<tool_response>", "click");
      assertThat(policy.format().text(response(lessons.get(1)))).isEqualTo("open");
    }
  }

  private static int[] prompt(Transcript lesson) {
    return Arrays.copyOf(lesson.ids(), lesson.ids().length - WarmStart.tokensSaid(lesson));
  }

  private static int[] response(Transcript lesson) {
    return Arrays.copyOfRange(lesson.ids(), prompt(lesson).length, lesson.ids().length);
  }

  @Test
  void aFormatWithoutWordsForToolsSaysSo() {
    try (Policy fresh = Tiny.policy(1)) {
      assertThatThrownBy(() -> lessons(fresh.format()))
          .isInstanceOf(DecoderInputException.class)
          .hasMessageContaining("cannot speak of tools such as dial");
    }
  }
}
