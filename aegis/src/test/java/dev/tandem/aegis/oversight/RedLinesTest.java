package dev.tandem.aegis.oversight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import org.junit.jupiter.api.Test;

final class RedLinesTest {
  private static final HarnessConfig BEFORE =
      HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("searched"));

  @Test
  void findsAddedProtectedAndTurned() {
    RedLines lines =
        RedLines.parse(
            """
            forbidden_types: [guard]
            protected_types: [renderer]
            forbidden_parameters: [searched.limit]
            """);
    HarnessConfig after =
        HarnessConfig.of(ProcessorSpec.of("searched").with("limit", 2), ProcessorSpec.of("guard"));

    assertThat(lines.breaches(BEFORE, after))
        .containsExactly(
            "processor type 'guard' is forbidden",
            "processor type 'renderer' is protected",
            "parameter 'searched.limit' may not be changed");
    assertThat(lines.breaches(BEFORE, BEFORE)).isEmpty();
  }

  @Test
  void refusesMisspeltKeysAndParameters() {
    assertThatThrownBy(() -> RedLines.parse("forbiden_types: [guard]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("forbiden_types");
    assertThatThrownBy(() -> RedLines.parse("forbidden_parameters: [limit]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("type.parameter");
  }
}
