package dev.tandem.rollout.testkit;

import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.testworld.LedgerFamily;
import dev.tandem.rollout.testworld.PondFamily;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Worlds of three kinds keep the contract. */
final class EnvironmentContractTest {
  @TestFactory
  Stream<DynamicTest> aSimulationWithEveryCapability() {
    return checks(new HouseFamily());
  }

  @TestFactory
  Stream<DynamicTest> aWorldOfToolsWithoutTextCommands() {
    return checks(new LedgerFamily());
  }

  @TestFactory
  Stream<DynamicTest> aWorldThatPromisesNothing() {
    return checks(new PondFamily());
  }

  private static Stream<DynamicTest> checks(EnvironmentFamily family) {
    return EnvironmentContract.checks(family).stream()
        .map(check -> DynamicTest.dynamicTest(check.name(), check::require));
  }
}
