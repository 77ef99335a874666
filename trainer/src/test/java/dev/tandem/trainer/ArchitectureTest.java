package dev.tandem.trainer;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.tandem.aegis.Aegis;
import dev.tandem.harness.Harness;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import java.net.URL;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
final class ArchitectureTest {
  private static final String HARNESS = "dev.tandem.harness..";
  private static final String KERNELS = "dev.tandem.kernels..";
  private static final String ROLLOUT = "dev.tandem.rollout..";
  private static final String AEGIS = "dev.tandem.aegis..";
  private static final String TRAINER = "dev.tandem.trainer..";
  private static final String TOKENIZER = "dev.tandem.trainer.tokenizer";
  private static final String ENGINE = "ai.djl..";
  private static final String BRIDGE = "ai.djl.pytorch.jni";

  /** What tells the time of the day, or a file's. */
  private static final Set<String> ASKING =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.time.Clock.system",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.systemUTC",
          "java.time.Instant.now",
          "java.time.InstantSource.system",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.util.Date.<init>",
          "java.util.Calendar.getInstance",
          "java.io.File.lastModified",
          "java.nio.file.Files.getLastModifiedTime",
          "java.nio.file.attribute.BasicFileAttributes.lastModifiedTime");

  private static JavaClasses ours = new ClassFileImporter().importClasses();

  @BeforeAll
  static void readOurClasses() {
    List<URL> places =
        List.of(
            place(Harness.class),
            place(Kernels.class),
            place(Trajectory.class),
            place(Aegis.class),
            place(TrainingRun.class));
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importUrls(places);
    assertThat(ours.size()).isGreaterThan(200);
  }

  private static URL place(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  @Test
  void harnessAndKernelsStandAlone() {
    noClasses()
        .that()
        .resideInAPackage(HARNESS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(KERNELS, ROLLOUT, AEGIS, TRAINER)
        .check(ours);
    noClasses()
        .that()
        .resideInAPackage(KERNELS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(HARNESS, ROLLOUT, AEGIS, TRAINER)
        .check(ours);
  }

  @Test
  void rolloutKnowsTheHarnessOnly() {
    noClasses()
        .that()
        .resideInAPackage(ROLLOUT)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(KERNELS, AEGIS, TRAINER)
        .check(ours);
  }

  @Test
  void aegisKnowsRolloutAndHarnessOnly() {
    noClasses()
        .that()
        .resideInAPackage(AEGIS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(KERNELS, TRAINER)
        .check(ours);
  }

  @Test
  void nothingDependsOnTheTrainer() {
    noClasses()
        .that()
        .resideOutsideOfPackages(TRAINER)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(TRAINER)
        .check(ours);
  }

  @Test
  void onlyTheTrainersModelKnowsTheEngine() {
    noClasses()
        .that()
        .resideInAnyPackage(HARNESS, KERNELS, ROLLOUT, AEGIS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ENGINE)
        .check(ours);
    classes()
        .that()
        .resideInAPackage(TRAINER)
        .and()
        .resideOutsideOfPackages(
            "dev.tandem.trainer.model..", TOKENIZER, "dev.tandem.trainer.cli..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage(ENGINE)
        .check(ours);
    noClasses()
        .that()
        .resideInAPackage(TOKENIZER)
        .should()
        .dependOnClassesThat(
            resideInAPackage(ENGINE).and(resideOutsideOfPackage("ai.djl.huggingface..")))
        .check(ours);
  }

  @Test
  void oneClassLivesInTheEnginesPackage() {
    List<String> bridge =
        ours.stream()
            .filter(one -> one.getPackageName().equals(BRIDGE))
            .filter(one -> one.isTopLevelClass() && !one.getSimpleName().equals("package-info"))
            .map(JavaClass::getSimpleName)
            .toList();
    assertThat(bridge).containsExactly("ScriptCall");
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass one : ours) {
      JavaPackage home = one.getPackage();
      boolean marked =
          home.tryGetPackageInfo()
              .map(info -> info.isAnnotatedWith(NullMarked.class))
              .orElse(false);
      if (!marked) {
        unmarked.add(home.getName());
      }
    }
    assertThat(unmarked).isEmpty();
  }

  /**
   * A clock that is set back, by hand or by a time server, must not change what a run does. So
   * nothing asks what time it is but the clock that goes by elapsed time, the spans that other
   * systems sort by their time, the chat templates that tell a model the date, and the word of a
   * person about an edit, which says when it was given.
   */
  @Test
  void onlyFourClassesAskWhatTimeItIs() {
    Set<String> asking = new TreeSet<>();
    for (JavaClass one : ours) {
      for (JavaAccess<?> access : one.getAccessesFromSelf()) {
        AccessTarget target = access.getTarget();
        if (ASKING.contains(target.getOwner().getName() + "." + target.getName())) {
          asking.add(one.getSimpleName());
        }
      }
    }
    assertThat(asking).containsExactly("GenerateVerb", "SteadyClock", "TelemetrySpans", "WordVerb");
  }

  @Test
  void packagesOutsideTheTrainerKnowEachOtherOneWay() {
    SlicesRuleDefinition.slices()
        .matching("dev.tandem.(*)..")
        .should()
        .beFreeOfCycles()
        .check(ours);
  }
}
