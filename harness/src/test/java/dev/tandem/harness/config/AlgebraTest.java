package dev.tandem.harness.config;

import static dev.tandem.harness.TestTypes.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tandem.harness.Harness;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Builder, composition, and edits as values that can be taken back. */
class AlgebraTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();
  private static final ProcessorSpec PROMPT = ProcessorSpec.of("system_prompt");
  private static final ProcessorSpec WINDOW = ProcessorSpec.of("history_window");
  private static final ProcessorSpec FRONTIER =
      ProcessorSpec.of("repetition_guard", Map.of("by", "name"));
  private static final ProcessorSpec GUARD = ProcessorSpec.of("loop_guard");

  private static final HarnessConfig HARNESS = HarnessConfig.of(PROMPT, WINDOW, FRONTIER, GUARD);

  private static final HarnessBuilder NOTHING = new HarnessBuilder(HarnessConfig.of(), REGISTRY);

  @Test
  void builderIsImmutableAndMayBeContinuedInSeveralWays() {
    HarnessBuilder base = NOTHING.insert(PROMPT).insert(GUARD);

    HarnessConfig one = base.remove("loop_guard").build();
    HarnessConfig other = base.configure("loop_guard", "repeats", 3).build();

    assertThat(one).isEqualTo(HarnessConfig.of(PROMPT));
    assertThat(other).isEqualTo(HarnessConfig.of(PROMPT, GUARD.with("repeats", 3)));
    assertThat(base.build()).isEqualTo(HarnessConfig.of(PROMPT, GUARD));
  }

  @Test
  void oneErrorListsEveryConflict() {
    ProcessorRegistry circular =
        new ProcessorRegistry(
            List.of(
                REGISTRY.type("loop_guard"),
                type("hen", 0, List.of("egg"), () -> _ -> Outcome.PASS, Hook.STEP_END),
                type("egg", 0, List.of("hen"), () -> _ -> Outcome.PASS, Hook.STEP_END)));
    HarnessBuilder builder =
        new HarnessBuilder(HarnessConfig.of(), circular)
            .insert(ProcessorSpec.of("hen"))
            .insert(ProcessorSpec.of("egg"))
            .insert(GUARD)
            .insert(GUARD.with("repeats", 2))
            .insert(ProcessorSpec.of("loop_gard"))
            .configure("hen", "colour", "red")
            .remove("rooster");

    HarnessException everything = catchThrowableOfType(HarnessException.class, builder::build);

    assertThat(everything.problems())
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("no processor 'rooster'"),
            problem -> assertThat(problem).contains("unknown parameter 'colour' of 'hen'"),
            problem -> assertThat(problem).contains("did you mean 'loop_guard'?"),
            problem -> assertThat(problem).contains("singleton group 'loop_guard'"),
            problem -> assertThat(problem).contains("[hen, egg]", "step_end", "break the circle"));
  }

  @Test
  void compositionTakesTheProcessorsAndSlotsOfBoth() {
    HarnessConfig left =
        HarnessConfig.of(PROMPT, GUARD).withSlots(Slots.DEFAULT.withTools(List.of("a*")));
    HarnessConfig right = HarnessConfig.of(GUARD, FRONTIER).withDescription("right");

    HarnessConfig both = left.compose(right, REGISTRY);

    assertThat(both.processors()).containsExactly(PROMPT, GUARD, FRONTIER);
    assertThat(both.slots().tools()).containsExactly("a*");
    assertThat(both.description()).isEqualTo("right");
    assertThat(left.compose(left, REGISTRY)).isEqualTo(left);
  }

  @Test
  void compositionReportsAllConflictsAtOnce() {
    HarnessConfig left =
        HarnessConfig.of(GUARD, WINDOW).withSlots(Slots.DEFAULT.withTools(List.of("a*")));
    HarnessConfig right =
        HarnessConfig.of(GUARD.with("repeats", 2), WINDOW.with("turns", 1))
            .withSlots(Slots.DEFAULT.withTools(List.of("b*")));

    HarnessException conflicts =
        catchThrowableOfType(HarnessException.class, () -> left.compose(right, REGISTRY));

    assertThat(conflicts.problems())
        .satisfiesExactlyInAnyOrder(
            problem -> assertThat(problem).contains("group 'loop_guard'"),
            problem -> assertThat(problem).contains("group 'history_window'"),
            problem -> assertThat(problem).contains("slot 'tools'", "a*", "b*"));
  }

  static List<HarnessEdit> edits() {
    return List.of(
        new HarnessEdit.Insert(ProcessorSpec.of("parse_retry")),
        new HarnessEdit.Insert(ProcessorSpec.of("parse_retry"), 1),
        new HarnessEdit.Remove("history_window"),
        new HarnessEdit.Replace(ProcessorSpec.of("repetition_guard", Map.of("times", 3))),
        new HarnessEdit.Configure("loop_guard", "repeats", 2),
        new HarnessEdit.Configure("repetition_guard", "by", "exact"),
        new HarnessEdit.Equip(Slots.DEFAULT.withTools(List.of("files__*"))),
        new HarnessEdit.Sequence(
            List.of(
                new HarnessEdit.Remove("loop_guard"),
                new HarnessEdit.Insert(ProcessorSpec.of("parse_retry"), 0),
                new HarnessEdit.Move("repetition_guard", 0),
                new HarnessEdit.Configure("parse_retry", "attempts", 3))));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void inverseTakesAnEditBack(HarnessEdit edit) {
    HarnessConfig after = HARNESS.apply(edit, REGISTRY);

    HarnessConfig back = after.apply(HARNESS.inverse(edit, ProcessorRegistry.builtIn()), REGISTRY);

    assertThat(after.hash(REGISTRY)).isNotEqualTo(HARNESS.hash(REGISTRY));
    assertThat(back.canonicalJson(REGISTRY)).isEqualTo(HARNESS.canonicalJson(REGISTRY));
  }

  @Test
  void aMoveIsTakenBackAndShownWhereTheListDecides() {
    ProcessorRegistry registry =
        new ProcessorRegistry(
            List.of(
                type("hen", 0, List.of(), () -> _ -> Outcome.PASS, Hook.STEP_END),
                type("egg", 0, List.of(), () -> _ -> Outcome.PASS, Hook.STEP_END)));
    HarnessConfig before = HarnessConfig.of(ProcessorSpec.of("hen"), ProcessorSpec.of("egg"));
    HarnessEdit move = new HarnessEdit.Move("egg", 0);

    HarnessConfig after = before.apply(move, registry);

    assertThat(after.hash(registry)).isNotEqualTo(before.hash(registry));
    assertThat(HarnessConfig.diff(before, after, registry)).isNotEmpty();
    assertThat(after.apply(before.inverse(move, registry), registry)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("edits")
  void editsSurviveJsonOnOneLine(HarnessEdit edit) {
    String json = HarnessEdits.toJson(edit);

    assertThat(HarnessEdits.fromJson(json)).isEqualTo(edit);
    assertThat(json).doesNotContain("\n");
    assertThat(edit.describe()).isNotBlank().doesNotContain("\n");
  }

  @ParameterizedTest
  @MethodSource("edits")
  void diffShowsEveryEdit(HarnessEdit edit) {
    assertThat(HarnessConfig.diff(HARNESS, HARNESS.apply(edit, REGISTRY), REGISTRY)).isNotEmpty();
  }

  @Test
  void editLeavesTheChainsOfAllOtherHooksByteIdentical() {
    HarnessConfig everything =
        new HarnessConfig(
            REGISTRY.searchable().stream().map(type -> ProcessorSpec.of(type.id())).toList());
    Harness before = Harness.compile(everything, REGISTRY);
    for (ProcessorType type : REGISTRY.searchable()) {
      Harness after = before.edited(new HarnessEdit.Remove(type.id()));
      for (Hook hook : Hook.values()) {
        if (type.hooks().contains(hook)) {
          assertThat(after.chainJson(hook)).isNotEqualTo(before.chainJson(hook));
        } else {
          assertThat(after.chainJson(hook)).isEqualTo(before.chainJson(hook));
        }
      }
    }
  }

  @Test
  void onlyTheResultOfASequenceMustBeValid() {
    ProcessorSpec another = GUARD.with("repeats", 4);

    HarnessConfig swapped =
        HARNESS.apply(
            new HarnessEdit.Sequence(
                List.of(new HarnessEdit.Insert(another, 0), new HarnessEdit.Remove("loop_guard"))),
            REGISTRY);

    assertThat(swapped.processors()).contains(GUARD).doesNotContain(another);
    assertThatThrownBy(
            () ->
                HARNESS.apply(
                    new HarnessEdit.Sequence(
                        List.of(
                            new HarnessEdit.Remove("loop_guard"),
                            new HarnessEdit.Remove("loop_guard"))),
                    REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("no processor 'loop_guard'");
  }

  @Test
  void positionOutsideTheHarnessIsRefused() {
    assertThatThrownBy(() -> HARNESS.apply(new HarnessEdit.Insert(FRONTIER, 5), REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("position 5 is outside the harness: it has 4 processors");
  }
}
