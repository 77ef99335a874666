package dev.tandem.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.tandem.benchmarks.planted.PlantedRoom;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rooms of what measures: each needs others one way only. */
final class PackagesTest {
  /** Every package is a slice of its own, the root too. */
  private static final ArchRule NO_CYCLES =
      SlicesRuleDefinition.slices().matching("dev.tandem.(**)").should().beFreeOfCycles();

  @Test
  void noTwoPackagesNeedEachOther() {
    JavaClasses ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importUrls(List.of(Suite.class.getProtectionDomain().getCodeSource().getLocation()));
    assertThat(ours.size()).isGreaterThan(60);
    NO_CYCLES.check(ours);
  }

  @Test
  void aCycleThroughTheRootPackageWouldBeSeen() {
    EvaluationResult planted =
        NO_CYCLES.evaluate(
            new ClassFileImporter().importClasses(PlantedFacade.class, PlantedRoom.class));
    assertThat(planted.getFailureReport().toString())
        .contains("Cycle detected")
        .contains("PlantedFacade")
        .contains("PlantedRoom");
  }
}
