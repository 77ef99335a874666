package dev.tandem.aegis.oversight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private static final HarnessEdit GUARD = new HarnessEdit.Insert(ProcessorSpec.of("guard"));

  private static Optional<Admission.Ground> ground(
      String lines, HarnessEdit edit, HarnessConfig result) {
    return new Admission(TestRegistry.REGISTRY, RedLines.parse(lines))
        .refusal(TestRegistry.BARE, edit, result)
        .map(Admission.Refusal::ground);
  }

  private static HarnessConfig applied(HarnessEdit edit) {
    return TestRegistry.BARE.apply(edit, TestRegistry.REGISTRY);
  }

  @Test
  void letsASoundEditIn() {
    assertThat(ground("", GUARD, applied(GUARD))).isEmpty();
    assertThat(ground("forbidden_types: [sightings]", GUARD, applied(GUARD))).isEmpty();
  }

  @Test
  void namesTheFirstGroundOfARefusal() {
    HarnessEdit nothing = new HarnessEdit.Move("renderer", 0);
    HarnessEdit missing = new HarnessEdit.Remove("guard");

    assertThat(ground("forbidden_types: [guard]", GUARD, applied(GUARD)))
        .contains(Admission.Ground.RED_LINES);
    assertThat(ground("", GUARD, HarnessConfig.of(ProcessorSpec.of("guard"))))
        .contains(Admission.Ground.ANOTHER_EDIT);
    assertThat(ground("", missing, TestRegistry.BARE)).contains(Admission.Ground.ANOTHER_EDIT);
    assertThat(ground("", nothing, applied(nothing))).contains(Admission.Ground.CANONICAL_FORM);
  }
}
