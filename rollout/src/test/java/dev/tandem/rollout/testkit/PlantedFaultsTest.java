package dev.tandem.rollout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each check finds what it is for, in a world where that alone is wrong. */
final class PlantedFaultsTest {
  private static final ContractSettings QUICK = new ContractSettings(3, 6, 60, 1, Map.of());

  @AfterAll
  static void letThreadsGo() {
    Corridor.LEFT_WAITING.countDown();
  }

  private static List<Violation> found(Fault fault) {
    return EnvironmentContract.checks(new CorridorFamily(fault), QUICK).stream()
        .filter(check -> fault.check.isEmpty() || check.name().equals(fault.check))
        .flatMap(check -> check.run().get().stream())
        .toList();
  }

  @Test
  void aSoundWorldHasNone() {
    assertThat(found(Fault.NONE)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void isFound(Fault fault) {
    assertThat(found(fault))
        .isNotEmpty()
        .allSatisfy(
            violation -> {
              assertThat(violation.check()).isEqualTo(fault.check);
              assertThat(violation.sentence()).isNotBlank().doesNotContain("%");
            });
  }

  @Test
  void everyCheckHasAFaultThatItFinds() {
    Set<String> tried =
        Arrays.stream(Fault.values()).map(fault -> fault.check).collect(Collectors.toSet());

    assertThat(EnvironmentContract.checks(new CorridorFamily(Fault.NONE)))
        .extracting(ContractCheck::name)
        .isSubsetOf(tried);
  }

  @Test
  void violationsAreSentencesThatSayWhereAndWhat() {
    assertThat(found(Fault.LIMIT_TOO_SHORT))
        .extracting(Violation::toString)
        .contains("expert: the expert does not solve task 'train-0' within its 2 steps");
    assertThat(found(Fault.ACT_THROWS).getFirst().sentence())
        .contains("the floor gave way")
        .contains("Corridor.act");
    assertThatThrownBy(() -> EnvironmentContract.require(new CorridorFamily(Fault.IDLENESS_PAYS)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("idle: task 'train-0' is solved by doing nothing");
  }
}
