package dev.tandem.aegis.author;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.processor.BuiltInProcessors;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Processors that a language model writes. */
final class WrittenCodeTest {
  private static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.of(List.of(new BuiltInProcessors()));
  private static final HarnessConfig START = HarnessConfig.of(ProcessorSpec.of("system_prompt"));
  private static final String ANSWER =
      """
      {"levers": [{"processor": "javascript", "reason": "Reminds of time.", "parameters": {
        "name": "remind", "hooks": ["before_model"],
        "code": "return {outcome: 'transform', append: 'hurry .'};"}}]}
      """;

  private final List<HarnessConfig> tried = new ArrayList<>();

  private static MetaAgent.Proposals propose(ServedMetaAgent served) {
    return served
        .agent()
        .propose(
            Planner.plan(new Digest(List.of())),
            new MetaAgent.Brief(
                3,
                START,
                START,
                List.of(),
                0,
                Collections.unmodifiableSortedSet(new TreeSet<>()),
                List::of,
                MetaAccount.OPENED,
                5));
  }

  @Test
  void codeThatHasBeenTriedIsALeverOfItsOwnName() {
    try (ScriptedServer server = new ScriptedServer(Line.openAi(ANSWER, 1, 1));
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server,
                REGISTRY,
                (with, without) -> {
                  tried.addAll(List.of(with, without));
                  return Optional.empty();
                })) {
      MetaAgent.Proposals proposals = propose(served);

      assertThat(proposals.levers())
          .singleElement()
          .satisfies(
              lever -> {
                assertThat(lever.lever().factor()).isEqualTo("remind");
                assertThat(lever.edit()).isInstanceOf(HarnessEdit.Insert.class);
                assertThat(START.apply(lever.edit(), REGISTRY)).isEqualTo(tried.getFirst());
              });
      assertThat(tried).hasSize(2).last().isEqualTo(START);
      assertThat(tried.getFirst().processors())
          .extracting(ProcessorSpec::type)
          .containsExactlyInAnyOrder("system_prompt", "javascript");
    }
  }

  @Test
  void whatIsWrongWithCodeIsToldOnceAndThenItIsDropped() throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(Line.openAi(ANSWER, 1, 1), Line.openAi(ANSWER, 1, 1));
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server, REGISTRY, (_, _) -> Optional.of("the code of 'remind' fails"))) {
      MetaAgent.Proposals proposals = propose(served);

      assertThat(proposals.levers()).isEmpty();
      assertThat(proposals.dropped())
          .extracting(MetaAgent.Dropped::reason)
          .containsExactly("the code of 'remind' fails");
      assertThat(
              new JsonMapper()
                  .readTree(server.asked().getLast().body())
                  .at("/messages/3/content")
                  .asText())
          .contains("levers[0]: the code of 'remind' fails");
    }
  }

  @Test
  void codeWithoutAHookIsRefusedBeforeItIsTried() {
    String hookless = ANSWER.replace("[\"before_model\"]", "[]");
    try (ScriptedServer server =
            new ScriptedServer(Line.openAi(hookless, 1, 1), Line.openAi(hookless, 1, 1));
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server,
                REGISTRY,
                (with, _) -> {
                  tried.add(with);
                  return Optional.empty();
                })) {
      assertThat(propose(served).dropped())
          .singleElement()
          .satisfies(dropped -> assertThat(dropped.reason()).contains("has no hooks"));
      assertThat(tried).isEmpty();
    }
  }

  @Test
  void withoutATrialNobodyMayWriteCode() {
    try (ScriptedServer server =
            new ScriptedServer(Line.openAi(ANSWER, 1, 1), Line.openAi(ANSWER, 1, 1));
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server, REGISTRY, ServedMetaAgent.SETTINGS, new TreeSet<>(), Replies.inMemory())) {
      assertThat(propose(served).dropped())
          .singleElement()
          .satisfies(
              dropped ->
                  assertThat(dropped.reason()).contains("there is no processor 'javascript'"));
    }
  }
}
