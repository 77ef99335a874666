package dev.tandem.aegis.author;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.processor.BuiltInProcessors;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Texts that a language model proposes, and code that it may not. */
final class ProposedTextsTest {
  private static final ProcessorRegistry TEXTS =
      ProcessorRegistry.of(List.of(new BuiltInProcessors()));
  private static final HarnessConfig PROMPTED = HarnessConfig.of(ProcessorSpec.of("system_prompt"));

  /** What comes of an answer that may use texts, where the acting model knows some words. */
  private static MetaAgent.Proposals worded(String answer, Set<String> words) {
    try (ScriptedServer server =
            new ScriptedServer(Line.openAi(answer, 1, 1), Line.openAi(answer, 1, 1));
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server, TEXTS, ServedMetaAgent.SETTINGS, words, Replies.inMemory())) {
      return served
          .agent()
          .propose(
              Planner.plan(new Digest(List.of())),
              ServedMetaAgent.brief(PROMPTED, MetaAccount.OPENED));
    }
  }

  @Test
  void writesPromptsInTheWordsThatTheModelKnows() {
    String answer =
        ServedMetaAgent.lever(
            "system_prompt", "{\"template\": \"goal : {goal} . look around .\"}", "It looks.");

    assertThat(worded(answer, Set.of()).levers())
        .singleElement()
        .satisfies(
            lever -> {
              assertThat(lever.lever())
                  .isEqualTo(new Lever("system_prompt.template", "goal : {goal} . look around ."));
              assertThat(lever.edit())
                  .isEqualTo(
                      new HarnessEdit.Configure(
                          "system_prompt", "template", "goal : {goal} . look around ."));
            });
    assertThat(worded(answer, Set.of("goal", ":", ".", "look", "around")).levers()).hasSize(1);
    assertThat(worded(answer, Set.of("goal", ":", ".", "look")).dropped())
        .extracting(MetaAgent.Dropped::reason)
        .containsExactly("template has the word 'around', which the model does not know");
  }

  @Test
  void givesALongTextAShortNameOfItsOwn() {
    String text = "look ".repeat(40).strip();
    String one =
        worded(
                ServedMetaAgent.lever("system_prompt", "{\"template\": \"" + text + "\"}", "x"),
                Set.of())
            .levers()
            .getFirst()
            .lever()
            .level();
    String other =
        worded(
                ServedMetaAgent.lever("system_prompt", "{\"template\": \"" + text + " .\"}", "x"),
                Set.of())
            .levers()
            .getFirst()
            .lever()
            .level();

    assertThat(one).hasSizeLessThan(60).startsWith("look look");
    assertThat(other).hasSizeLessThan(60).isNotEqualTo(one);
  }

  @Test
  void writesNoCode() {
    assertThat(
            worded(
                    ServedMetaAgent.lever(
                        "javascript", "{\"code\": \"while (true) {}\", \"name\": \"x\"}", "x"),
                    Set.of())
                .dropped())
        .extracting(MetaAgent.Dropped::reason)
        .singleElement()
        .asString()
        .startsWith("there is no processor 'javascript'");
  }
}
