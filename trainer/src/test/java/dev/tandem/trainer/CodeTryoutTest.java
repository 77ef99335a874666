package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.equipment.Outfit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class CodeTryoutTest {
  private static final HouseFamily HOUSE = new HouseFamily();
  private static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.builtIn().with(HOUSE.processors());
  private static final HarnessConfig PLAIN =
      HarnessConfig.of(ProcessorSpec.of("system_prompt"), ProcessorSpec.of("house_view"));

  private static Optional<String> complaint(String hook, String code) {
    return complaint(hook, code, Set.of());
  }

  private static Optional<String> complaint(String hook, String code, Set<String> words) {
    SortedSet<String> known = new TreeSet<>(words);
    CodeTryout tryout =
        new CodeTryout(
            HOUSE, Outfit.of(REGISTRY), HOUSE.tasks().tasks(Split.TRAIN, 0, 3), known, 1);
    ProcessorSpec spec =
        ProcessorSpec.of(
            "javascript", Map.of("name", "written", "hooks", List.of(hook), "code", code));
    return tryout.complaint(PLAIN.apply(new HarnessEdit.Insert(spec), REGISTRY), PLAIN);
  }

  @Test
  void codeThatTellsTheModelSomethingIsFine() {
    assertThat(complaint("before_model", "return {outcome: 'transform', append: 'open it .'};"))
        .isEmpty();
  }

  @Test
  void codeThatKeepsCallsBackIsFineToo() {
    assertThat(
            complaint(
                "before_tool",
                "if (event.input.startsWith('open')) return {outcome: 'intercept', note: 'no .'};"))
        .isEmpty();
  }

  @Test
  void codeThatThrowsIsToldWhere() {
    assertThat(complaint("before_model", "if (event.step === 2) throw new Error('x');"))
        .contains("the code of 'written' fails at before_model in step 2");
  }

  @Test
  void codeThatNobodyNoticesIsRefused() {
    assertThat(complaint("before_model", "state.calls = (state.calls || 0) + 1;"))
        .hasValueSatisfying(
            text -> assertThat(text).contains("in 3 episodes nothing that the model saw differed"));
  }

  @Test
  void codeThatChangesWhatNobodyMayIsRefused() {
    assertThat(complaint("before_model", "return {outcome: 'transform', step: 7};"))
        .hasValueSatisfying(text -> assertThat(text).startsWith("the code does what none may do"));
  }

  @Test
  void aWordThatTheModelDoesNotKnowReachesNobody() {
    Set<String> words = new TreeSet<>(HOUSE.vocabulary());
    words.addAll(REGISTRY.vocabulary());
    assertThat(
            complaint(
                "before_model", "return {outcome: 'transform', append: 'hurry open it .'};", words))
        .contains("the code says 'hurry', a word that the model does not know");
    assertThat(complaint("before_model", "return {outcome: 'transform', append: 'open .'};", words))
        .isEmpty();
  }
}
