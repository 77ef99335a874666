package dev.tandem.aegis;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** Rooms with doors that open one way. */
final class ArchitectureTest {
  /** What ships, and no tests: their classes lie elsewhere. */
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .importUrl(Aegis.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void noTwoPackagesNeedEachOther() {
    assertThat(OURS.size()).isGreaterThan(40);
    // Each package is a slice, the root too.
    slices().matching("dev.tandem.(**)").should().beFreeOfCycles().check(OURS);
  }
}
